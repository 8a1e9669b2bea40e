import { RouteTable } from '../route-table.ts';
import { randomUuid } from '../uuid.ts';
import { answerJson, type Handler, problem } from './asked.ts';
import * as bytes from './bytes.ts';
import * as content from './content.ts';
import * as inspection from './inspection.ts';
import * as signIn from './sign-in.ts';
import * as statuses from './statuses.ts';
import * as waiting from './waiting.ts';

const unsupported: Handler = () => problem(501);

function leftOut(what: string): Handler {
  return () => problem(501, `the Regatta simulator's httpbin has no ${what}`);
}

/** Method (`*` any; GET takes HEAD too), path with `{}` for a part of it, and what answers. */
const ROUTES = new RouteTable<string>([
  ['DELETE', '/delete', inspection.withBody],
  ['GET', '/', content.index],
  ['GET', '/encoding/utf8', content.utf8],
  ['GET', '/forms/post', content.formsPost],
  ['GET', '/get', inspection.get],
  ['GET', '/websocket/echo', leftOut('WebSocket')],
  ['HEAD', '/head', inspection.get],
  ['PATCH', '/patch', inspection.withBody],
  ['POST', '/post', inspection.withBody],
  ['PUT', '/put', inspection.withBody],
  ['*', '/absolute-redirect/{}', statuses.absoluteRedirect],
  ['*', '/anything', inspection.anything],
  ['*', '/base64/{}', bytes.base64],
  ['*', '/base64/{}/{}', bytes.base64],
  ['*', '/basic-auth/{}/{}', signIn.basicAuth],
  ['*', '/bearer', signIn.bearer],
  ['*', '/bytes/{}', bytes.randomBytes],
  ['*', '/cache', bytes.cache],
  ['*', '/cache/{}', bytes.cacheControl],
  ['*', '/cookies', signIn.cookies],
  ['*', '/cookies/delete', signIn.deleteCookies],
  ['*', '/cookies/set', signIn.setCookies],
  ['*', '/deflate', inspection.deflate],
  ['*', '/delay/{}', waiting.delay],
  ['*', '/deny', content.deny],
  ['*', '/digest-auth/{}/{}/{}', signIn.digestAuth],
  ['*', '/digest-auth/{}/{}/{}/{}', signIn.digestAuth],
  ['*', '/drip', waiting.drip],
  ['*', '/dump/request', inspection.dumpRequest],
  ['*', '/etag/{}', bytes.etag],
  ['*', '/gzip', inspection.gzip],
  ['*', '/headers', inspection.headers],
  ['*', '/hidden-basic-auth/{}/{}', signIn.hiddenBasicAuth],
  ['*', '/hostname', ({ context }) => answerJson({ hostname: context.hostname ?? 'go-httpbin' })],
  ['*', '/html', content.page],
  ['*', '/image', content.acceptedImage],
  ['*', '/image/{}', content.imageOfKind],
  ['*', '/ip', inspection.ip],
  ['*', '/json', content.json],
  ['*', '/links/{}', bytes.links],
  ['*', '/links/{}/{}', bytes.links],
  ['*', '/range/{}', bytes.range],
  ['*', '/redirect-to', statuses.redirectTo],
  ['*', '/redirect/{}', statuses.redirect],
  ['*', '/relative-redirect/{}', statuses.relativeRedirect],
  ['*', '/response-headers', bytes.responseHeaders],
  ['*', '/robots.txt', content.robots],
  ['*', '/sse', waiting.events],
  ['*', '/status/{}', statuses.status],
  ['*', '/stream-bytes/{}', bytes.randomBytes],
  ['*', '/stream/{}', bytes.stream],
  ['*', '/trailers', leftOut('trailers')],
  ['*', '/unstable', statuses.unstable],
  ['*', '/user-agent', inspection.userAgent],
  ['*', '/uuid', ({ context }) => answerJson({ uuid: randomUuid(context.random) })],
  ['*', '/xml', content.xml],
  ['*', '/brotli', unsupported],
]);

/** What answers a request: a handler with the parts of the path, or which methods the path takes. */
export type Route =
  | { readonly type: 'found'; readonly handle: Handler; readonly parts: readonly string[] }
  | { readonly type: 'method'; readonly allowed: readonly string[] }
  | { readonly type: 'none' };

/** What answers a method on a path: a handler, or which methods would be right. */
export function route(method: string, path: string): Route {
  if (path.startsWith('/anything/')) {
    return { type: 'found', handle: inspection.anything, parts: [] };
  }
  const best = ROUTES.bestFit(path);
  if (!best) return { type: 'none' };
  const { methods: needed, handle, parts } = best;
  const takes = needed === '*' || needed === method || (needed === 'GET' && method === 'HEAD');
  if (!takes) return { type: 'method', allowed: needed === 'GET' ? ['GET', 'HEAD'] : [needed] };
  return { type: 'found', handle, parts };
}
