import type { HttpHeaders, HttpRequest, HttpResponse } from '../../../net/http.ts';
import type { ContainerContext } from '../../program.ts';
import { forwardedHeaders } from '../forwarded-headers.ts';
import { answer, type BookinfoService, json, pathOf } from '../http-service.ts';
import { callUpstream, upstreamHost } from '../upstream.ts';
import { type Answer, readAnswer, readDetails, readReviews } from './answers.ts';
import { BOOK } from './book.ts';
import { indexPage, productPage } from './page.ts';
import { sessionCookie, userOf } from './session.ts';
import { STYLE } from './style.ts';

const TIMEOUT_MS = 3_000;
/** Reviews are asked for twice before the page gives up on them; details and ratings once. */
const REVIEWS_TRIES = 2;
const HTML = 'text/html; charset=utf-8';

/** The page of the shop: Bookinfo's productpage service (Python under gunicorn). */
export const productpageV1: BookinfoService = {
  name: 'productpage-v1',
  commands: ['bash', 'curl'],
  greeting: ({ clock }) => {
    const time = `${new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
    return [
      `[${time}] [1] [INFO] Starting gunicorn`,
      `[${time}] [1] [INFO] Listening at: http://[::]:9080 (1)`,
      `[${time}] [1] [INFO] Using worker: gevent`,
    ];
  },
  serve: (context) => {
    const shop = new Shop(context);
    return (request) => shop.respond(request);
  },
};

class Shop {
  readonly #context: ContainerContext;
  /** Answers of other services, by `destination_app,response_code`. */
  readonly #results = new Map<string, number>();

  constructor(context: ContainerContext) {
    this.#context = context;
  }

  async respond(request: HttpRequest): Promise<HttpResponse> {
    const path = pathOf(request);
    switch (path) {
      case '/productpage':
        return this.#page(request);
      case '/':
      case '/index.html':
        return answer(200, HTML, indexPage());
      case '/health':
        return answer(200, HTML, 'Product page is healthy');
      case '/login':
        return signIn(request);
      case '/logout':
        return redirectBack(request, undefined);
      case '/metrics':
        return answer(200, 'text/plain; version=0.0.4; charset=utf-8', this.#metrics());
      default:
        return path.startsWith('/static/') ? asset(path) : this.#api(path, request);
    }
  }

  async #page(request: HttpRequest): Promise<HttpResponse> {
    const user = userOf(request.headers);
    const headers = headersFor(request, user);
    const details = await this.#details(headers, 0);
    await this.#flood(headers);
    const reviews = await this.#reviews(headers, 0);
    return answer(200, HTML, productPage({ user, details, reviews }));
  }

  async #api(path: string, request: HttpRequest): Promise<HttpResponse> {
    if (path === '/api/v1/products') return json(200, [BOOK]);
    const [, id, part] = /^\/api\/v1\/products\/(\d+)(?:\/(reviews|ratings))?$/.exec(path) ?? [];
    if (id === undefined) return answer(404, HTML, NOT_FOUND);
    const headers = headersFor(request, userOf(request.headers));
    const product = Number(id);
    if (part === 'reviews') return passOn(await this.#reviews(headers, product));
    if (part === 'ratings') {
      const response = await this.#call('ratings', product, headers);
      return passOn(readAnswer('ratings', response, (value) => value));
    }
    return passOn(await this.#details(headers, product));
  }

  async #details(headers: HttpHeaders, product: number) {
    return readAnswer('details', await this.#call('details', product, headers), readDetails);
  }

  async #reviews(headers: HttpHeaders, product: number) {
    let response: HttpResponse | undefined;
    for (let tried = 0; tried < REVIEWS_TRIES && response?.status !== 200; tried++) {
      response = await this.#call('reviews', product, headers);
    }
    return readAnswer('reviews', response, readReviews);
  }

  /** Asks for the reviews that many times more, all at once: what the sample's FLOOD_FACTOR is for. */
  async #flood(headers: HttpHeaders): Promise<void> {
    const count = Math.min(FLOOD_LIMIT, Number(this.#context.env['FLOOD_FACTOR'] ?? 0) || 0);
    if (count <= 0) return;
    await Promise.all(Array.from({ length: count }, () => this.#call('reviews', 0, headers)));
  }

  async #call(
    service: 'details' | 'reviews' | 'ratings',
    product: number,
    headers: HttpHeaders,
  ): Promise<HttpResponse | undefined> {
    const path = `/${service}/${product}`;
    const call = { service, path, headers: headers.clone(), timeoutMs: TIMEOUT_MS };
    const response = await callUpstream(this.#context, call);
    const { env, log } = this.#context;
    const origin = `http://${upstreamHost(env, service)}:9080`;
    log(
      response
        ? `DEBUG:urllib3.connectionpool:${origin} "GET ${path} HTTP/1.1" ${response.status} ${response.body.length}`
        : `ERROR:productpage:no answer from ${origin}${path} within ${TIMEOUT_MS / 1000} s`,
    );
    const key = `${service},${response?.status ?? 500}`;
    this.#results.set(key, (this.#results.get(key) ?? 0) + 1);
    return response;
  }

  #metrics(): string {
    const lines = [...this.#results].map(([key, count]) => {
      const [app = '', code = ''] = key.split(',');
      return `request_result_total{destination_app="${app}",response_code="${code}"} ${count}.0\n`;
    });
    return `# HELP request_result_total Results of requests\n# TYPE request_result_total counter\n${lines.join('')}`;
  }
}

/** More is a mistake in the environment, and would only slow the learner's cluster. */
const FLOOD_LIMIT = 1_000;
const NOT_FOUND = '<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n';

function headersFor(request: HttpRequest, user: string | undefined): HttpHeaders {
  const headers = forwardedHeaders(request.headers);
  if (user !== undefined) headers.set('end-user', user);
  return headers;
}

function passOn({ status, body }: Answer<unknown>): HttpResponse {
  return answer(status, 'application/json', body);
}

function signIn(request: HttpRequest): HttpResponse {
  if (request.method !== 'POST') return answer(405, HTML, '', [['allow', 'POST, OPTIONS']]);
  const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  return redirectBack(request, form.get('username') ?? '');
}

function redirectBack({ headers }: HttpRequest, user: string | undefined): HttpResponse {
  return answer(302, HTML, '', [
    ['location', headers.get('referer') ?? '/productpage'],
    ['set-cookie', sessionCookie(user)],
  ]);
}

function asset(path: string): HttpResponse {
  if (path.endsWith('.css')) return answer(200, 'text/css; charset=utf-8', STYLE);
  return answer(404, HTML, NOT_FOUND);
}
