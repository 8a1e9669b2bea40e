import { isObject } from '../../kinds/json.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { answer, type BookinfoService, json, pathOf } from './http-service.ts';

type Ratings = Readonly<Record<string, number>>;

/** Stars that nobody has changed. */
const FIRST_RATINGS: Ratings = { Reviewer1: 5, Reviewer2: 4 };
/** How many books get ratings of their own before the service takes no more. */
const RATED_BOOKS = 1_000;

/** Stars for the book's reviews: Bookinfo's ratings service (Node). Version 1 keeps what it is given in memory. */
export const ratingsV1: BookinfoService = {
  name: 'ratings-v1',
  commands: ['bash', 'curl'],
  greeting: () => ['Server listening on: http://0.0.0.0:9080'],
  serve: ({ log }) => {
    const given = new Map<number, Ratings>();
    return async (request) => {
      log(`${request.method} ${request.path}`);
      const path = pathOf(request);
      if (path === '/health') return json(200, { status: 'Ratings is healthy' });
      const written = /^\/ratings\/([^/]*)$/.exec(path)?.[1];
      if (written === undefined) return answer(404, 'text/plain', 'not found');
      if (!/^\d+$/.test(written)) return json(400, { error: 'please provide numeric product ID' });
      const id = Number(written);
      if (request.method === 'POST') return store(given, id, request);
      if (request.method !== 'GET') return answer(404, 'text/plain', 'not found');
      return json(200, { id, ratings: given.get(id) ?? FIRST_RATINGS });
    };
  },
};

function store(given: Map<number, Ratings>, id: number, { body }: HttpRequest): HttpResponse {
  const ratings = readRatings(Buffer.from(body).toString('utf8'));
  if (!ratings || (given.size >= RATED_BOOKS && !given.has(id))) {
    return json(400, { error: 'please provide valid ratings JSON' });
  }
  given.set(id, ratings);
  return json(200, { id, ratings });
}

function readRatings(text: string): Ratings | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    return Object.fromEntries(
      Object.entries(value).flatMap(([reviewer, stars]) =>
        typeof stars === 'number' ? [[reviewer, stars]] : [],
      ),
    );
  } catch {
    return undefined;
  }
}
