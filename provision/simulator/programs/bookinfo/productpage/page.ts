import type { Answer, Details, Review, Reviews } from './answers.ts';
import { BOOK } from './book.ts';
import { STYLE } from './style.ts';

/** What one rendering of the product page shows. */
export interface PageContent {
  readonly user: string | undefined;
  readonly details: Answer<Details>;
  readonly reviews: Answer<Reviews>;
}

const STAR =
  '<path d="M12 1.8l3.1 6.6 7.1.9-5.2 5 1.3 7.1L12 17.9l-6.3 3.5L7 14.3l-5.2-5 7.1-.9z"/></svg>';
/** The id, repeated as it is, is what Bookinfo's page is known by: lessons count it with grep. */
const FULL_STAR = `<svg id="glyphicon glyphicon-star" viewBox="0 0 24 24" aria-hidden="true">${STAR}`;
const EMPTY_STAR = `<svg class="empty" viewBox="0 0 24 24" aria-hidden="true">${STAR}`;
const MOST_STARS = 5;

const FACTS = [
  ['type', 'Type'],
  ['pages', 'Pages'],
  ['publisher', 'Publisher'],
  ['language', 'Language'],
  ['year', 'Year'],
  ['author', 'Author'],
  ['ISBN-10', 'ISBN-10'],
  ['ISBN-13', 'ISBN-13'],
] as const;

/** The page of the one book: details, reviews and their stars, or what could not be fetched. */
export function productPage({ user, details, reviews }: PageContent): string {
  return `${TOP}${userCorner(user)}${BOOK_CARD}
<div class="columns">
<section class="card">${detailsSection(details)}</section>
<section class="card">${reviewsSection(reviews)}</section>
</div>
</main>
</body>
</html>
`;
}

/** What `/` shows: a way to the product page. */
export function indexPage(): string {
  return `${HEAD}
<body>
<main>
<section class="card">
<h1>Bookinfo</h1>
<p>A small bookshop made of four services, one of them in three versions: something for a service mesh to route.</p>
<p><a class="button" href="/productpage">Open the product page</a></p>
</section>
</main>
</body>
</html>
`;
}

const HEAD = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simple Bookstore App</title>
<style>${STYLE}</style>
</head>`;

const TOP = `${HEAD}
<body>
<header class="bar">
<div>
<a class="brand" href="/productpage"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill="#3b5bdb" d="M4 3.5C7 2.6 9.8 3 12 4.6V21c-2.2-1.6-5-2-8-1.1z"/><path fill="#6a4fb3" d="M20 3.5c-3-.9-5.8-.5-8 1.1V21c2.2-1.6 5-2 8-1.1z"/></svg> Bookinfo Sample</a>
`;

const SIGN_IN = `<div class="who">
<details class="sign-in">
<summary class="button">Sign in</summary>
<form class="card" method="post" action="login" name="login_form">
<label>User name <input name="username" autocomplete="username" required></label>
<label>Password <input name="passwd" type="password" autocomplete="current-password"></label>
<button class="button" type="submit">Sign in</button>
</form>
</details>
</div>
`;

const BOOK_CARD = `</div>
</header>
<main>
<section class="card book">
<div class="cover" aria-hidden="true">${BOOK.title}<small>WILLIAM SHAKESPEARE</small></div>
<div>
<h1>${BOOK.title}</h1>
<p>${BOOK.descriptionHtml}</p>
</div>
</section>`;

function userCorner(user: string | undefined): string {
  if (user === undefined) return SIGN_IN;
  return `<div class="who"><b>${escaped(user)}</b> <a class="button quiet" href="logout">Sign out</a></div>
`;
}

function detailsSection({ value, body }: Answer<Details>): string {
  if (!value) return trouble('Error fetching product details', body);
  const rows = FACTS.filter(([name]) => value[name] !== undefined).map(
    ([name, title]) => `<dt>${title}</dt><dd>${escaped(String(value[name]))}</dd>`,
  );
  return `
<h2>Book Details</h2>
<dl class="facts">
${rows.join('\n')}
</dl>
`;
}

function reviewsSection({ value, body }: Answer<Reviews>): string {
  if (!value) return trouble('Error fetching product reviews', body);
  return `
<h2>Book Reviews</h2>
<ul class="reviews">
${value.reviews.map(reviewItem).join('\n')}
</ul>
<p class="served">Reviews served by:
<code>${escaped(value.podName)}</code></p>
`;
}

function reviewItem({ reviewer, text, rating }: Review): string {
  return `<li>
<blockquote>${escaped(text)}</blockquote>
${ratingLine(rating)}<cite>${escaped(reviewer)}</cite>
</li>`;
}

function ratingLine(rating: Review['rating']): string {
  if (rating.type === 'none') return '';
  if (rating.type === 'error') return `<p class="unrated">${escaped(rating.message)}</p>\n`;
  const full = Math.max(0, Math.min(MOST_STARS, Math.round(rating.stars)));
  const stars = [
    ...Array.from({ length: full }, () => FULL_STAR),
    ...Array.from({ length: MOST_STARS - full }, () => EMPTY_STAR),
  ];
  return `<span class="stars text-${rating.color}-500" role="img" aria-label="${full} of ${MOST_STARS} stars">
${stars.join('\n')}
</span>`;
}

function trouble(title: string, body: string): string {
  return `
<div class="trouble" role="alert">
<h2>${title}</h2>
<p>${escaped(errorIn(body))}</p>
</div>
`;
}

function errorIn(body: string): string {
  const value: unknown = JSON.parse(body);
  return typeof value === 'object' && value !== null && 'error' in value ? String(value.error) : '';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
