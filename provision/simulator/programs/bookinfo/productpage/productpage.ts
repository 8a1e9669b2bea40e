import type { Json } from '../../../kinds/object.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../../net/http.ts';
import type { ContainerContext } from '../../program.ts';
import { asAsked, pathOf } from '../../text-server.ts';
import { forwardedHeaders } from '../forwarded-headers.ts';
import { answer, type BookinfoService } from '../http-service.ts';
import { Book, type BookPart, type PartResult } from './book.ts';
import { BOOK_ICON, indexPage, productPage } from './page.ts';
import { pythonJson } from './python-json.ts';
import { RequestResults } from './request-results.ts';
import { ENDED_SESSION, sessionCookie, signedInUser, userNameIn } from './session.ts';

const PRODUCTS: Json = [
  {
    id: 0,
    title: 'The Comedy of Errors',
    descriptionHtml:
      '<a href="https://en.wikipedia.org/wiki/The_Comedy_of_Errors">The Comedy of Errors</a> is a short, fast ' +
      'farce by <b>William Shakespeare</b>: two pairs of twins, parted at sea, are taken for one another all day long.',
  },
];

/** More than this many extra calls of reviews for a page are not made, whatever `FLOOD_FACTOR` says. */
const FLOOD_LIMIT = 200;

/** The shop's pages and its API: Bookinfo's productpage service (Python's Flask in gunicorn). */
export const productpageV1: BookinfoService = {
  name: 'productpage-v1',
  commands: ['bash', 'curl'],
  greeting: ({ clock }) => {
    const time = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    return [
      '[1] [INFO] Starting gunicorn in the Regatta simulator',
      '[1] [INFO] Listening at: http://[::]:9080 (1)',
      '[1] [INFO] Using worker: gevent',
      '[8] [INFO] Booting worker with pid: 8',
    ].map((line) => `[${time} +0000] ${line}`);
  },
  serve: (context) => {
    const shop = new Shop(context);
    return async (request) => {
      const response = await shop.respond(request);
      response.headers.set('server', 'gunicorn');
      response.headers.set('date', new Date(context.clock.now()).toUTCString());
      return asAsked(request, response);
    };
  },
};

class Shop {
  readonly #results = new RequestResults();
  readonly #book: Book;
  readonly #floodCalls: number;

  constructor(context: ContainerContext) {
    this.#book = new Book(context, this.#results);
    const factor = Number(context.env['FLOOD_FACTOR'] ?? 0);
    this.#floodCalls = Number.isInteger(factor) ? Math.min(Math.max(factor, 0), FLOOD_LIMIT) : 0;
  }

  async respond(request: HttpRequest): Promise<HttpResponse> {
    const path = pathOf(request);
    const allowed = path === '/login' ? ['POST', 'OPTIONS'] : ['GET', 'HEAD', 'OPTIONS'];
    if (request.method === 'OPTIONS' || !allowed.includes(request.method)) {
      const status = request.method === 'OPTIONS' ? 200 : 405;
      const text = status === 200 ? '' : errorPage('405 Method Not Allowed');
      return answer(status, HTML, text, [['allow', allowed.join(', ')]]);
    }
    switch (path) {
      case '/productpage':
        return this.#page(request);
      case '/':
      case '/index.html':
        return answer(200, HTML, indexPage());
      case '/login':
        return signIn(request);
      case '/logout':
        return backTo(request, ENDED_SESSION);
      case '/health':
        return answer(200, HTML, 'Product page is healthy');
      case '/metrics':
        return answer(200, 'text/plain; version=0.0.4; charset=utf-8', this.#results.toText());
      case '/static/book.svg':
        return answer(200, 'image/svg+xml', BOOK_ICON, [['cache-control', 'no-cache']]);
      default:
        return this.#api(path, request);
    }
  }

  async #page(request: HttpRequest): Promise<HttpResponse> {
    const headers = headersFor(request);
    const details = await this.#book.ask('details', '0', headers);
    if (this.#floodCalls > 0) await this.#flood(headers);
    const reviews = await this.#book.ask('reviews', '0', headers);
    return answer(200, HTML, productPage({ details, reviews, user: signedInUser(request) }));
  }

  async #flood(headers: HttpHeaders): Promise<void> {
    await Promise.all(
      Array.from({ length: this.#floodCalls }, () => this.#book.ask('reviews', '0', headers)),
    );
  }

  async #api(path: string, request: HttpRequest): Promise<HttpResponse> {
    if (path === '/api/v1/products') return json(200, PRODUCTS);
    const [, id, part = 'details'] =
      /^\/api\/v1\/products\/([^/]+)(?:\/(reviews|ratings))?$/.exec(path) ?? [];
    if (id === undefined || !isPart(part)) return answer(404, HTML, errorPage('404 Not Found'));
    const { status, value }: PartResult = await this.#book.ask(part, id, headersFor(request));
    return json(status, value);
  }
}

/** As the sample does, the user is who signed in, never who a header of the browser's says. */
function headersFor(request: HttpRequest): HttpHeaders {
  const headers = forwardedHeaders(request.headers);
  const user = signedInUser(request);
  if (user === undefined) headers.delete('end-user');
  else headers.set('end-user', user);
  return headers;
}

function signIn(request: HttpRequest): HttpResponse {
  const user = userNameIn(request);
  return backTo(request, user === undefined ? ENDED_SESSION : sessionCookie(user));
}

function backTo({ headers }: HttpRequest, cookie: string): HttpResponse {
  return answer(302, HTML, errorPage('302 Found'), [
    ['location', headers.get('referer') ?? '/productpage'],
    ['set-cookie', cookie],
    ['vary', 'Cookie'],
  ]);
}

const HTML = 'text/html; charset=utf-8';

function json(status: number, value: Json): HttpResponse {
  return answer(status, 'application/json', pythonJson(value));
}

function errorPage(title: string): string {
  return `<!doctype html>\n<html lang=en>\n<title>${title}</title>\n<h1>${title.slice(4)}</h1>\n`;
}

function isPart(text: string): text is BookPart {
  return text === 'details' || text === 'reviews' || text === 'ratings';
}
