import { json, type Visit } from './site.ts';

/** Google's Books API, as far as Bookinfo's details service asks it (developers.google.com/books/docs/v1/using). */
export function volumes({ request, isSecure }: Visit) {
  const url = new URL(request.path, 'https://www.googleapis.com');
  if (!isSecure) return refusal(403, 'SSL is required to perform this operation.');
  if (url.pathname !== '/books/v1/volumes') {
    return refusal(404, `Regatta's stand-in for www.googleapis.com has no ${url.pathname}`);
  }
  const question = url.searchParams.get('q') ?? '';
  if (question === '') return refusal(400, 'Missing query.');
  const isKnown = question === 'isbn:0486424618' || question === 'isbn:9780486424613';
  const items = isKnown ? [COMEDY] : [];
  return json(200, { kind: 'books#volumes', totalItems: items.length, items });
}

function refusal(code: number, message: string) {
  return json(code, { error: { code, message, errors: [{ message, domain: 'global' }] } });
}

const COMEDY = {
  kind: 'books#volume',
  id: 'regatta-0486424618',
  volumeInfo: {
    title: 'The Comedy of Errors',
    authors: ['William Shakespeare'],
    publisher: 'Courier Corporation',
    publishedDate: '2002',
    industryIdentifiers: [
      { type: 'ISBN_10', identifier: '0486424618' },
      { type: 'ISBN_13', identifier: '9780486424613' },
    ],
    pageCount: 74,
    printType: 'BOOK',
    language: 'en',
  },
};
