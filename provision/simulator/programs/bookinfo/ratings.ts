import { isObject, jsonIn } from '../../kinds/json.ts';
import type { Json } from '../../kinds/object.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { ContainerContext } from '../program.ts';
import { pathOf } from '../text-server.ts';
import { storedStars } from './databases/stored-stars.ts';
import { answer, type BookinfoService, json } from './http-service.ts';
import { Moods } from './moods.ts';

/** Stars that nobody has changed. */
const FIRST_RATINGS: Json = { Reviewer1: 5, Reviewer2: 4 };
/** How many books get ratings of their own before the service takes no more. */
const RATED_BOOKS = 1_000;

/** How a version of ratings differs from the first. */
export type RatingsVersion =
  | 'v1'
  | 'v2'
  | 'v-faulty'
  | 'v-delayed'
  | 'v-unavailable'
  | 'v-unhealthy';

/**
 * Stars for the book's reviews: Bookinfo's ratings service (Node). Version 1 keeps what it is given in memory, version 2
 * reads a database, and four more have bad days (samples/bookinfo/src/ratings).
 */
export const ratingsVersions: readonly BookinfoService[] = (
  ['v1', 'v2', 'v-faulty', 'v-delayed', 'v-unavailable', 'v-unhealthy'] as const
).map(ratings);

function ratings(version: RatingsVersion): BookinfoService {
  return {
    name: `ratings-${version}`,
    commands: ['bash', 'curl'],
    greeting: () => ['Server listening on: http://0.0.0.0:9080'],
    serve: (context) => {
      const shop = new Ratings(context, version);
      return (request) => shop.respond(request);
    },
  };
}

class Ratings {
  readonly #context: ContainerContext;
  readonly #version: RatingsVersion;
  readonly #moods: Moods;
  readonly #given = new Map<number, Json>();

  constructor(context: ContainerContext, version: RatingsVersion) {
    this.#context = context;
    this.#version = version;
    this.#moods = new Moods(context, version);
  }

  async respond(request: HttpRequest): Promise<HttpResponse> {
    const { method } = request;
    this.#context.log(`${method} ${request.path}`);
    const path = pathOf(request);
    if (path === '/health') return this.#health();
    if (!path.startsWith('/ratings/')) return answer(404, 'text/plain', 'not found');
    // As JavaScript's parseInt reads it, from what follows the last slash.
    const id = Number.parseInt(request.path.split('/').at(-1) ?? '', 10);
    if (Number.isNaN(id)) return json(400, { error: 'please provide numeric product ID' });
    if (method === 'POST') return this.#store(id, request);
    if (method !== 'GET' && method !== 'HEAD') return answer(404, 'text/plain', 'not found');
    return this.#version === 'v2' ? this.#fromDatabase(id) : this.#fromMemory(id);
  }

  #health(): HttpResponse {
    return this.#moods.isHealthy
      ? json(200, { status: 'Ratings is healthy' })
      : json(500, { status: 'Ratings is not healthy' });
  }

  async #fromMemory(id: number): Promise<HttpResponse> {
    const isAvailable = await this.#moods.wait();
    if (!isAvailable) return json(503, { error: 'Service unavailable' });
    return json(200, { id, ratings: this.#given.get(id) ?? FIRST_RATINGS });
  }

  async #fromDatabase(id: number): Promise<HttpResponse> {
    const stored = await storedStars(this.#context);
    if (stored.type === 'stars') {
      const [Reviewer1 = 0, Reviewer2 = 0] = stored.stars;
      return json(200, { id, ratings: { Reviewer1, Reviewer2 } });
    }
    this.#context.log(stored.reason);
    const isMysql = this.#context.env['DB_TYPE'] === 'mysql';
    if (stored.type === 'unreachable') {
      const error = { error: 'could not connect to ratings database' };
      // With MySQL the sample forgets the status: 200.
      return json(isMysql ? 200 : 500, error);
    }
    return json(500, {
      error: isMysql ? 'could not perform select' : 'could not load ratings from database',
    });
  }

  #store(id: number, { body }: HttpRequest): HttpResponse {
    const given = jsonIn(Buffer.from(body).toString('utf8'));
    if (!isObject(given)) return json(400, { error: 'please provide valid ratings JSON' });
    if (this.#version === 'v2') {
      return json(501, { error: 'Post not implemented for database backed ratings' });
    }
    if (this.#given.size >= RATED_BOOKS && !this.#given.has(id)) {
      return json(400, { error: 'please provide valid ratings JSON' });
    }
    this.#given.set(id, given);
    return json(200, { id, ratings: given });
  }
}
