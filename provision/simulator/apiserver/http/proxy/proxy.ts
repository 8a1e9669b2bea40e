/** Requests to pods, services and nodes by way of the API server (Kubernetes documentation, "Access Services Running on Clusters"). */
import type { IncomingMessage } from 'node:http';

import type { Kind } from '../../../kinds/kind.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../../net/http.ts';
import { NetworkError, type Target } from '../../../net/network.ts';
import { unavailable } from '../../errors.ts';
import { PROXIED_LIMIT_BYTES } from '../../limits.ts';
import { joinStreams } from '../../streams/port-forward.ts';
import type { Upgrade } from '../connections/upgrade.ts';
import type { Exchange } from '../exchange.ts';
import { readBytes } from '../requests/body.ts';
import type { ResourceInfo } from '../requests/request-info.ts';
import { rewriteHtml, rewriteUrl, type ProxyPlace } from './proxy-rewrite.ts';
import { proxyTarget, type ProxyTarget } from './proxy-target.ts';

/** Headers that concern one connection only (RFC 9110, 7.6.1), and credentials, which stay here. */
const NOT_PASSED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'content-length',
  'host',
]);

/** Passes a request on over the virtual network and its answer back. */
export async function sendProxied(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { request, response } = exchange;
  const found = proxyTarget(exchange, kind, info);
  const paths = splitPath(exchange, info);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (paths.path === '' && isRead) {
    // Relative links of a page need a path that ends with a slash.
    response.writeHead(301, { location: `${paths.prefix}/${queryOf(exchange)}` }).end();
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBytes(request, PROXIED_LIMIT_BYTES);
  const host = hostOf(found);
  const sent: HttpRequest = {
    method: request.method ?? 'GET',
    path: `${paths.path === '' ? '/' : paths.path}${queryOf(exchange)}`,
    authority: host,
    headers: passedHeaders(request, `${paths.prefix}${paths.path}`),
    body,
    signal: gone.signal,
  };
  const answer = await ask(exchange, found, sent);
  const place = { prefix: paths.prefix, targetHost: host, requestHost: request.headers.host ?? '' };
  sendAnswer(exchange, answer, place);
}

/** Passes a request to switch protocols on, and then the bytes of both sides. */
export async function proxyUpgrade(
  upgrade: Upgrade,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { request, socket, head, context } = upgrade;
  const found = proxyTarget(upgrade, kind, info);
  const { prefix, path } = splitPath(upgrade, info);
  if (found.type === 'kubelet') throw unavailable('error trying to reach service: EOF');
  const connection = await reach(found.target, () => context.network().connect(found.target));
  const headers = passedHeaders(request, `${prefix}${path}`);
  headers.set('host', hostOf(found));
  headers.set('connection', 'Upgrade');
  headers.set('upgrade', request.headers.upgrade ?? '');
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const target = `${path === '' ? '/' : path}${queryOf(upgrade)}`;
  connection.write(`${request.method ?? 'GET'} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  if (head.length > 0) connection.write(head);
  await joinStreams(socket, connection);
}

function ask({ context }: Exchange, found: ProxyTarget, sent: HttpRequest): Promise<HttpResponse> {
  if (found.type === 'kubelet') return context.kubelet().nodeHttp(found.node, sent);
  return reach(found.target, () => context.network().request(found.target, sent));
}

async function reach<Result>(target: Target, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const problem = unavailable(`error trying to reach service: ${goText(error, target)}`);
    problem.cause = error;
    throw problem;
  }
}

/** What Go's dialler says of it. */
function goText({ code }: NetworkError, { host, port }: Target): string {
  const address = `${host}:${port}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${address}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${address}: connect: no route to host`;
    case 'ETIMEDOUT':
      return `dial tcp ${address}: i/o timeout`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`;
    case 'ECONNRESET':
    default:
      return 'EOF';
  }
}

function hostOf(found: ProxyTarget): string {
  return found.type === 'kubelet' ? found.node : `${found.target.host}:${found.target.port}`;
}

/** The URL's path up to and with `proxy`, and what stands behind it, as the client wrote it. */
function splitPath({ path }: Pick<Exchange, 'path'>, { namespace }: ResourceInfo) {
  const parts = path.split('/');
  const end = namespace === '' ? 6 : 8;
  return {
    prefix: parts.slice(0, end).join('/'),
    path: parts
      .slice(end)
      .map((part) => `/${part}`)
      .join(''),
  };
}

function queryOf({ request }: Pick<Exchange, 'request'>): string {
  const url = request.url ?? '';
  const index = url.indexOf('?');
  return index < 0 ? '' : url.slice(index);
}

function passedHeaders(request: IncomingMessage, uri: string): HttpHeaders {
  const headers = new HttpHeaders();
  for (const [name, value] of Object.entries(request.headers)) {
    if (NOT_PASSED.has(name) || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  const from = request.socket.remoteAddress?.replace('::ffff:', '');
  if (from !== undefined) headers.append('x-forwarded-for', from);
  headers.set('x-forwarded-uri', uri);
  return headers;
}

function sendAnswer(
  { request, response }: Exchange,
  answer: HttpResponse,
  place: ProxyPlace,
): void {
  for (const [name, value] of answer.headers) {
    if (NOT_PASSED.has(name) || name.startsWith('access-control-')) continue;
    response.appendHeader(name, name === 'location' ? rewriteUrl(value, place) : value);
  }
  const body = isPlainHtml(answer)
    ? Buffer.from(rewriteHtml(Buffer.from(answer.body).toString('utf8'), place), 'utf8')
    : answer.body;
  const length = request.method === 'HEAD' ? answer.headers.get('content-length') : undefined;
  const hasBody = answer.status !== 204 && answer.status !== 304;
  if (hasBody) response.setHeader('content-length', length ?? body.length);
  response.writeHead(answer.status);
  response.end(hasBody ? body : undefined);
}

function isPlainHtml({ headers, body }: HttpResponse): boolean {
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim();
  return (
    type === 'text/html' &&
    body.length > 0 &&
    !headers.has('content-encoding') &&
    !headers.has('location')
  );
}
