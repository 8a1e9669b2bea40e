import { sleep } from '../../../clock.ts';
import type { HttpResponse } from '../../../net/http.ts';
import { answer, type Asked, type Handler, type HeaderEntries } from '../go/asked.ts';
import * as bytes from '../go/bytes.ts';
import { acceptedImage, imageOfKind } from '../go/content.ts';
import { gzip, deflate } from '../go/inspection.ts';
import * as signIn from '../go/sign-in.ts';
import { absoluteRedirect, redirect, redirectTo, relativeRedirect } from '../go/statuses.ts';
import { drip } from '../go/waiting.ts';
import { LONGEST_DELAY_MS, MOST_STREAM_LINES } from '../limits.ts';
import { RouteTable } from '../route-table.ts';
import { SAMPLE_JSON, SAMPLE_PAGE, SAMPLE_XML } from '../samples.ts';
import { randomUuid } from '../uuid.ts';
import { choose, parseWeighted } from '../weighted.ts';
import { flaskJson, PAGE_TYPE } from './answers.ts';
import { inspect } from './inspected.ts';

type Field = keyof ReturnType<typeof inspect>;

const WITHOUT_BODY: readonly Field[] = ['url', 'args', 'headers', 'origin'];
const WITH_BODY: readonly Field[] = [...WITHOUT_BODY, 'form', 'data', 'files', 'json'];

function tell(fields: readonly Field[]): Handler {
  return (asked) => {
    const all = inspect(asked);
    return flaskJson(Object.fromEntries(fields.map((field) => [field, all[field]])));
  };
}

const text =
  (type: string, content: string): Handler =>
  () =>
    answer(content, { headers: [['content-type', type]] });

const ANY = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE'];

/** Methods (HEAD goes with GET), path with `{}` for a part of it, and what answers. */
export const ROUTES = new RouteTable<readonly string[]>([
  [['GET'], '/', text('text/html; charset=utf-8', '<h1>httpbin in the Regatta simulator</h1>\n')],
  [['GET'], '/html', text('text/html; charset=utf-8', SAMPLE_PAGE)],
  [['GET'], '/robots.txt', text('text/plain', 'User-agent: *\nDisallow: /deny\n')],
  [['GET'], '/deny', text('text/plain', "YOU SHOULDN'T BE HERE\n")],
  [['GET'], '/json', text('application/json', SAMPLE_JSON)],
  [['GET'], '/xml', text('application/xml', SAMPLE_XML)],
  [['GET'], '/ip', tell(['origin'])],
  [['GET'], '/headers', tell(['headers'])],
  [['GET'], '/uuid', ({ context }) => flaskJson({ uuid: randomUuid(context.random) })],
  [
    ['GET'],
    '/user-agent',
    ({ request }) => flaskJson({ 'user-agent': request.headers.get('user-agent') ?? null }),
  ],
  [['GET'], '/get', tell(WITHOUT_BODY)],
  [['POST'], '/post', tell(WITH_BODY)],
  [['PUT'], '/put', tell(WITH_BODY)],
  [['PATCH'], '/patch', tell(WITH_BODY)],
  [['DELETE'], '/delete', tell(WITH_BODY)],
  [ANY, '/anything', tell([...WITH_BODY, 'method'])],
  [ANY, '/anything/{}', tell([...WITH_BODY, 'method'])],
  [ANY, '/status/{}', status],
  [ANY, '/delay/{}', delay],
  [['GET'], '/drip', drip],
  [['GET'], '/gzip', gzip],
  [['GET'], '/deflate', deflate],
  [['GET'], '/redirect/{}', redirect],
  [['GET'], '/relative-redirect/{}', relativeRedirect],
  [['GET'], '/absolute-redirect/{}', absoluteRedirect],
  [ANY, '/redirect-to', redirectTo],
  [['GET'], '/cookies', cookies],
  [['GET'], '/cookies/set', signIn.setCookies],
  [['GET'], '/cookies/set/{}/{}', ({ parts: [name = '', value = ''] }) => cookieSet(name, value)],
  [['GET'], '/cookies/delete', signIn.deleteCookies],
  [['GET'], '/basic-auth/{}/{}', (asked) => signedIn(asked, 401)],
  [['GET'], '/hidden-basic-auth/{}/{}', (asked) => signedIn(asked, 404)],
  [['GET'], '/bearer', bearer],
  [['GET'], '/cache', cache],
  [['GET'], '/cache/{}', cacheFor],
  [['GET'], '/etag/{}', bytes.etag],
  [['GET', 'POST'], '/response-headers', responseHeaders],
  [['GET'], '/base64/{}', bytes.base64],
  [['GET'], '/bytes/{}', bytes.randomBytes],
  [['GET'], '/stream-bytes/{}', bytes.randomBytes],
  [['GET'], '/stream/{}', stream],
  [['GET'], '/range/{}', bytes.range],
  [['GET'], '/links/{}', bytes.links],
  [['GET'], '/links/{}/{}', bytes.links],
  [['GET'], '/image', acceptedImage],
  [['GET'], '/image/{}', imageOfKind],
]);

const TEAPOT =
  '\n    -=[ teapot ]=-\n\n       _...._\n     .\'  _ _ `.\n    | ."` ^ `". _,\n    \\_;`"---"`|//\n' +
  '      |       ;/\n      \\_     _/\n        `"""`\n';

const ELSEWHERE: HeaderEntries = [['location', '/redirect/1']];

/** Statuses that say more than their number; only these headers go out with them. */
const SPECIAL: Readonly<
  Record<number, { readonly body?: string; readonly headers?: HeaderEntries }>
> = {
  301: { headers: ELSEWHERE },
  302: { headers: ELSEWHERE },
  303: { headers: ELSEWHERE },
  305: { headers: ELSEWHERE },
  307: { headers: ELSEWHERE },
  401: { headers: [['www-authenticate', 'Basic realm="Fake Realm"']] },
  407: { headers: [['proxy-authenticate', 'Basic realm="Fake Realm"']] },
  418: { body: TEAPOT, headers: [['x-more-info', 'http://tools.ietf.org/html/rfc2324']] },
};

function status({ parts: [written = ''], context }: Asked): HttpResponse {
  const choices = parseWeighted(written);
  if (typeof choices === 'string')
    return answer('Invalid status code', { status: 400, headers: [PAGE_TYPE] });
  const code = choose(choices, context.random());
  if (code < 200 || code > 599) {
    return answer('Invalid status code', { status: 400, headers: [PAGE_TYPE] });
  }
  const special = SPECIAL[code];
  return answer(special?.body ?? '', { status: code, headers: special?.headers ?? [PAGE_TYPE] });
}

async function delay(asked: Asked): Promise<HttpResponse> {
  const seconds = Number(asked.parts[0]);
  if (Number.isNaN(seconds)) return answer('Invalid delay', { status: 400, headers: [PAGE_TYPE] });
  const delayMs = Math.min(Math.max(seconds * 1_000, 0), LONGEST_DELAY_MS);
  if (delayMs > 0) await sleep(asked.context.clock, delayMs, asked.request.signal);
  return tell(['url', 'args', 'form', 'data', 'origin', 'headers', 'files'])(asked);
}

function cookies({ request }: Asked): HttpResponse {
  const pairs = (request.headers.get('cookie') ?? '').matchAll(/(?:^|;\s*)([^=;]+)=([^;]*)/g);
  return flaskJson({
    cookies: Object.fromEntries([...pairs].map(([, name, value]) => [name, value])),
  });
}

function cookieSet(name: string, value: string): HttpResponse {
  const cookie = `${name}=${value}; Path=/`.replaceAll(/[\r\n\0]/g, '');
  return answer('', {
    status: 302,
    headers: [
      ['set-cookie', cookie],
      ['location', '/cookies'],
    ],
  });
}

async function signedIn(asked: Asked, refusal: number): Promise<HttpResponse> {
  const { status: code } = await signIn.basicAuth(asked);
  if (code === 200) return flaskJson({ authenticated: true, user: asked.parts[0] });
  const headers: HeaderEntries = [['www-authenticate', 'Basic realm="Fake Realm"']];
  return answer('', { status: refusal, headers: refusal === 401 ? headers : [] });
}

function bearer({ request }: Asked): HttpResponse {
  const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token !== undefined) return flaskJson({ authenticated: true, token });
  return answer('', { status: 401, headers: [['www-authenticate', 'Bearer']] });
}

function cache(asked: Asked): HttpResponse | Promise<HttpResponse> {
  const { headers } = asked.request;
  const isKnown = headers.has('if-modified-since') || headers.has('if-none-match');
  return isKnown ? answer('', { status: 304 }) : tell(WITHOUT_BODY)(asked);
}

async function cacheFor(asked: Asked): Promise<HttpResponse> {
  const response = await tell(WITHOUT_BODY)(asked);
  response.headers.set(
    'cache-control',
    `public, max-age=${Number.parseInt(asked.parts[0] ?? '', 10) || 0}`,
  );
  return response;
}

async function responseHeaders(asked: Asked): Promise<HttpResponse> {
  const { headers } = await bytes.responseHeaders(asked);
  headers.delete('content-length');
  const told = new Map([...headers].map(([name, value]) => [name, value]));
  return flaskJson(Object.fromEntries(told), [...headers]);
}

function stream(asked: Asked): HttpResponse {
  const { url, args, headers, origin } = inspect(asked);
  const count = Math.min(Number.parseInt(asked.parts[0] ?? '', 10) || 0, MOST_STREAM_LINES);
  const lines = Array.from({ length: Math.max(count, 0) }, (_, id) =>
    JSON.stringify({ url, args, headers, origin, id }),
  );
  return answer(lines.map((line) => `${line}\n`).join(''), {
    headers: [['content-type', 'application/json']],
  });
}
