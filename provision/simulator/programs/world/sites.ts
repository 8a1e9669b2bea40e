import { publicHttpbin } from '../httpbin/index.ts';
import { volumes } from './books.ts';
import { rawFile } from './raw-files.ts';
import { content, hostOf, json, movedTo, page, type Site, type Visit } from './site.ts';

type Answer = Site['answer'];

/** The sites that tasks of Istio's documentation ask, and some that learners try. */
export const SITES: readonly Site[] = [
  site(10, ['httpbin.org'], (visit) => publicHttpbin(visit)),
  site(11, ['www.google.com'], () => page('Google', 'www.google.com')),
  site(12, ['google.com'], ({ request }) => movedTo(`http://www.google.com${request.path}`)),
  site(
    13,
    ['edition.cnn.com'],
    onlySecure(() => page('CNN International', 'edition.cnn.com')),
  ),
  site(
    14,
    ['www.cnn.com', 'cnn.com'],
    onlySecure(() => page('CNN', 'www.cnn.com')),
  ),
  site(15, ['*.wikipedia.org', 'wikipedia.org'], onlySecure(wikipedia)),
  site(16, ['www.googleapis.com'], volumes),
  site(
    17,
    ['istio.io', 'www.istio.io', 'preliminary.istio.io'],
    onlySecure(() => page('Istio', 'istio.io')),
  ),
  site(18, ['example.com', 'www.example.com', 'example.org', 'example.net'], ({ request }) =>
    page('Example Domain', hostOf(request)),
  ),
  site(
    19,
    ['www.bbc.com', 'www.bbc.co.uk', 'bbc.com'],
    onlySecure(() => page('BBC', 'www.bbc.com')),
  ),
  site(
    20,
    ['api.github.com'],
    onlySecure(() =>
      json(200, {
        message: "This is Regatta's stand-in for api.github.com",
        documentation_url: '',
      }),
    ),
  ),
  site(21, ['raw.githubusercontent.com'], onlySecure(rawFile)),
];

function site(last: number, names: readonly string[], answer: Answer): Site {
  return { names, ip: `203.0.113.${last}`, answer };
}

/** A site that sends those who come over plain HTTP to its secure pages. */
function onlySecure(answer: Answer): Answer {
  return (visit) => {
    const { request, isSecure } = visit;
    return isSecure ? answer(visit) : movedTo(`https://${hostOf(request)}${request.path}`);
  };
}

const WIKIPEDIA: Readonly<Record<string, string>> = {
  en: 'Wikipedia, the free encyclopedia',
  de: 'Wikipedia – Die freie Enzyklopädie',
  fr: "Wikipédia, l'encyclopédie libre",
  zh: '维基百科，自由的百科全书',
};

function wikipedia({ request }: Visit) {
  const host = hostOf(request);
  if (!host.endsWith('wikipedia.org'))
    return content(404, 'text/plain', 'Domain not served here\n');
  return page(WIKIPEDIA[host.split('.')[0] ?? ''] ?? 'Wikipedia', host);
}
