import { isObject } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import type { PartResult } from './book.ts';
import { STYLE } from './style.ts';

/** What a product page shows. */
export interface PageContent {
  readonly details: PartResult;
  readonly reviews: PartResult;
  /** Who signed in. */
  readonly user: string | undefined;
}

/** The shop's sign, as a file. */
export const BOOK_ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true">' +
  '<path fill="#7a3b2e" d="M3 4.5C6 3.2 9 3.4 11.3 5v15C9 18.6 6 18.3 3 19.5z"/>' +
  '<path fill="#d79a4b" d="M21 4.5C18 3.2 15 3.4 12.7 5v15c2.3-1.4 5.3-1.7 8.3-.5z"/></svg>';

const COVER =
  '<svg class="cover" viewBox="0 0 160 230" role="img" aria-label="Cover of The Comedy of Errors">' +
  '<rect width="160" height="230" fill="#7a3b2e"/><rect width="12" height="230" fill="#5c2a20"/>' +
  '<rect x="24" y="14" width="124" height="202" fill="none" stroke="#e8c58f" stroke-width="1.5"/>' +
  '<g font-family="Georgia,serif" fill="#f7e8cf" text-anchor="middle"><text x="86" y="50" font-size="13">The</text>' +
  '<text x="86" y="72" font-size="20">Comedy</text><text x="86" y="92" font-size="13">of</text>' +
  '<text x="86" y="114" font-size="20">Errors</text></g>' +
  '<g fill="none" stroke="#e8c58f" stroke-width="2"><circle cx="68" cy="160" r="20"/><circle cx="104" cy="160" r="20"/>' +
  '<path d="M59 165q9 9 18 0M95 165q9 9 18 0"/></g>' +
  '<g fill="#e8c58f"><circle cx="61" cy="155" r="2"/><circle cx="75" cy="155" r="2"/>' +
  '<circle cx="97" cy="155" r="2"/><circle cx="111" cy="155" r="2"/></g></svg>';

const STAR_PATH =
  'M10.0 2.0L12.1 7.9L18.4 8.1L13.4 11.9L15.2 17.9L10.0 14.4L4.8 17.9L6.6 11.9L1.6 8.1L7.9 7.9z';

// The id is on every star, as on Istio's own page: scripts of the documentation count stars by it.
const STAR = `<svg id="glyphicon glyphicon-star" viewBox="0 0 20 20" aria-hidden="true"><path d="${STAR_PATH}"/></svg>`;
const NO_STAR = `<svg class="empty" viewBox="0 0 20 20" aria-hidden="true"><path d="${STAR_PATH}"/></svg>`;
const MOST_STARS = 5;

const TOP =
  '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Simple Bookstore App</title>\n' +
  '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
  `<link rel="icon" href="static/book.svg" type="image/svg+xml">\n<style>${STYLE}</style>\n</head>\n<body>\n` +
  `<header class="bar"><div><a class="brand" href="productpage">${BOOK_ICON}Bookinfo</a>\n`;

const SIGN_IN =
  '<div class="account"><details class="sign-in"><summary>Sign in</summary>\n' +
  '<form method="post" action="login"><label>User name' +
  '<input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>' +
  '<p>Any name will do, and there is no password.</p><button class="button">Sign in</button></form></details></div>\n';

const TITLE =
  `</div></header>\n<main>\n<section class="book">${COVER}<div><h1>The Comedy of Errors</h1>\n` +
  '<p class="byline">by William Shakespeare</p>\n' +
  '<p class="summary">Two pairs of twins, parted at sea, are in the same town for a day without knowing it. ' +
  'Everybody is taken for somebody else until nobody is sure of anything. ' +
  '<a href="https://en.wikipedia.org/wiki/The_Comedy_of_Errors">More on Wikipedia</a></p></div></section>\n' +
  '<div class="columns">\n';

const BOTTOM = '</div>\n</main>\n</body>\n</html>\n';

const INDEX = `${TOP}</div></header>
<main>
<section class="book">${COVER}<div><h1>One book, four services</h1>
<p class="summary">The page you are about to open asks <code>details</code> about the book and <code>reviews</code> for opinions;
two of the three versions of <code>reviews</code> ask <code>ratings</code> for stars.</p>
<p><a class="button" href="productpage">Open the book page</a></p></div></section>
</main>
</body>
</html>
`;

/** What the shop shows at `/`. */
export function indexPage(): string {
  return INDEX;
}

/** The page of the one book; answers that did not come are shown in place, as the sample does. */
export function productPage({ details, reviews, user }: PageContent): string {
  return `${TOP}${account(user)}${TITLE}${detailsCard(details)}${reviewsCard(reviews)}${BOTTOM}`;
}

function account(user: string | undefined): string {
  if (user === undefined) return SIGN_IN;
  const initial = escape(/^./u.exec(user)?.[0].toUpperCase() ?? '');
  return (
    `<div class="account"><span class="user"><span class="avatar" aria-hidden="true">${initial}</span>` +
    `${escape(user)}</span><a class="button quiet" href="logout">Sign out</a></div>\n`
  );
}

const DETAILS = [
  ['Type', 'type'],
  ['Pages', 'pages'],
  ['Publisher', 'publisher'],
  ['Language', 'language'],
  ['Year', 'year'],
  ['ISBN-10', 'ISBN-10'],
  ['ISBN-13', 'ISBN-13'],
] as const;

function detailsCard({ status, value }: PartResult): string {
  if (status !== 200 || !isObject(value)) {
    return `<section class="card">${problem('Error fetching product details', value)}</section>\n`;
  }
  let rows = '';
  for (const [label, field] of DETAILS) {
    rows += `<div><dt>${label}</dt><dd>${textOf(value[field])}</dd></div>\n`;
  }
  return `<section class="card"><h2>Book Details</h2>\n<dl>\n${rows}</dl></section>\n`;
}

function reviewsCard({ status, value }: PartResult): string {
  if (status !== 200 || !isObject(value)) {
    return `<section class="card">${problem('Error fetching product reviews', value)}</section>\n`;
  }
  let quotes = '';
  if (Array.isArray(value['reviews'])) {
    for (const one of value['reviews']) if (isObject(one)) quotes += review(one);
  }
  const cluster = textOf(value['clustername']);
  const where = cluster === '' || cluster === 'null' ? '' : ` on cluster <code>${cluster}</code>`;
  return (
    `<section class="card"><h2>Book Reviews</h2>\n${quotes}` +
    `<p class="served">Reviews served by: <code>${textOf(value['podname'])}</code>${where}</p></section>\n`
  );
}

function review(one: JsonObject): string {
  return (
    `<blockquote>${rating(one['rating'])}<p>${textOf(one['text'])}</p>` +
    `<cite>${textOf(one['reviewer'])}</cite></blockquote>\n`
  );
}

function rating(value: Json | undefined): string {
  if (!isObject(value)) return '';
  if (value['error'] !== undefined) return `<p class="no-stars">${textOf(value['error'])}</p>`;
  const { stars, color } = value;
  const count =
    typeof stars === 'number' ? Math.min(Math.max(Math.trunc(stars), 0), MOST_STARS) : 0;
  return (
    `<div class="stars text-${textOf(color)}-500" role="img" aria-label="${count} of ${MOST_STARS} stars">` +
    `${STAR.repeat(count)}${NO_STAR.repeat(MOST_STARS - count)}</div>`
  );
}

function problem(title: string, value: Json): string {
  const text = isObject(value) ? textOf(value['error']) : '';
  return `<div class="error" role="alert"><h3>${title}</h3>\n<p>${text}</p></div>`;
}

/** A JSON value as text of the page. */
function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return escape(value);
  return typeof value === 'number' ? String(value) : '';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
