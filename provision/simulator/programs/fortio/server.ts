import { sleep } from '../../clock.ts';
import {
  HttpHeaders,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  type Peer,
} from '../../net/http.ts';
import { goDuration, parseGoDuration } from '../go/duration.ts';
import { goHeaders } from '../go/headers.ts';
import type { ContainerContext } from '../program.ts';
import { asAsked, httpAnswer } from '../text-server.ts';
import { LONGEST_ECHO_DELAY_MS, MOST_ECHO_BYTES } from './limits.ts';
import { versionOf } from './version.ts';

/** fortio's http-echo server: the body comes back, as the query says (`status=`, `delay=`, `size=`, `header=`). */
export function echoServer(context: ContainerContext): HttpHandler {
  const startedMs = context.clock.now();
  return async (request, peer) => {
    const [path = '', written = ''] = request.path.split(/\?(.*)/s, 2);
    const query = new URLSearchParams(written);
    if (path === '/fortio' || path.startsWith('/fortio/')) return noPages();
    const isDebug = path === '/debug' || path.startsWith('/debug/');
    const isEcho = path.startsWith('/debug/echo/') || !isDebug;
    const response = isEcho
      ? await echo(request, query, context)
      : await debug(request, { query, context, peer, startedMs });
    response.headers.set('date', new Date(context.clock.now()).toUTCString());
    return asAsked(request, response);
  };
}

function noPages(): HttpResponse {
  return httpAnswer({
    status: 501,
    type: PLAIN,
    text: "The Regatta simulator's fortio has no web pages and no REST API; use fortio load in a shell\n",
  });
}

const PLAIN = 'text/plain; charset=UTF-8';

async function echo(
  request: HttpRequest,
  query: URLSearchParams,
  context: ContainerContext,
): Promise<HttpResponse> {
  const headers = await common(request, query, context);
  const status = statusOf(query.get('status') ?? '', context.random);
  const size = sizeOf(query.get('size') ?? '', context.random);
  if (size !== undefined) {
    if (!headers.has('content-type')) headers.set('content-type', 'application/octet-stream');
    headers.set('content-length', String(size));
    return { status, headers, body: Buffer.alloc(size, 'x') };
  }
  const type = request.headers.get('content-type');
  if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type);
  headers.set('content-length', String(request.body.byteLength));
  return { status, headers, body: request.body };
}

interface DebugParts {
  readonly query: URLSearchParams;
  readonly context: ContainerContext;
  readonly peer: Peer;
  readonly startedMs: number;
}

async function debug(
  request: HttpRequest,
  { query, context, peer, startedMs }: DebugParts,
): Promise<HttpResponse> {
  const { clock, container, env, pod } = context;
  const upMs = Math.round((clock.now() - startedMs) / 100) * 100;
  const { Host: host = [], ...others } = goHeaders(request);
  const lines = Object.entries(others).map(([name, values]) => `${name}: ${values.join(',')}`);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  const environment = query.get('env') === 'dump' ? `\nenvironment:\n\n${variables.join('')}` : '';
  const headers = await common(request, query, context);
  const text =
    `Φορτίο version ${versionOf(container.image)} echo debug server up for ${goDuration(upMs)} on ${pod.metadata.name} ` +
    `- request from ${peer.ip}:${peer.port}\n\n${request.method} ${request.path} HTTP/1.1\n\nheaders:\n\n` +
    `Host: ${host.join(',')}\n${lines.join('\n')}\n\nbody:\n\n${Buffer.from(request.body).toString().slice(0, 512)}\n${environment}`;
  const response = httpAnswer({ type: PLAIN, text });
  for (const [name, value] of headers) response.headers.set(name, value);
  return response;
}

/** What every answer of the server does: waits, and has the headers that are asked for. */
async function common(
  { signal }: HttpRequest,
  query: URLSearchParams,
  { clock, random }: ContainerContext,
): Promise<HttpHeaders> {
  const delayMs = delayOf(query.get('delay') ?? '', random);
  if (delayMs > 0) await sleep(clock, delayMs, signal);
  const headers = new HttpHeaders();
  for (const text of query.getAll('header')) {
    const [, name, value = ''] = /^([\w!#$%&'*+.^`|~-]+):\s*([^\r\n\0]*)$/.exec(text) ?? [];
    if (name !== undefined) headers.append(name, value);
  }
  return headers;
}

/** Longest list of weighted choices that is read. */
const CHOICES_LIMIT = 50;

/** One of `200:90,503:10` by its share in percent; undefined for what no share falls to or is not such a list. */
function pick(text: string, random: number): string | undefined {
  if (!text.includes(':')) return text;
  let left = random * 100;
  for (const entry of text.split(',', CHOICES_LIMIT)) {
    const [choice = '', share = ''] = entry.split(':');
    const percent = Number(share.replace(/%$/, '') || Number.NaN);
    if (!(percent >= 0 && percent <= 100)) return undefined;
    if (left <= percent) return choice;
    left -= percent;
  }
  return undefined;
}

function statusOf(text: string, random: () => number): number {
  if (text === '') return 200;
  const chosen = pick(text, random());
  if (chosen === undefined) return 200;
  const status = Number(chosen);
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : 400;
}

function sizeOf(text: string, random: () => number): number | undefined {
  const chosen = text === '' ? undefined : pick(text, random());
  const size = Number(chosen || Number.NaN);
  return Number.isInteger(size) && size >= 0 ? Math.min(size, MOST_ECHO_BYTES) : undefined;
}

function delayOf(text: string, random: () => number): number {
  const chosen = text === '' ? undefined : pick(text, random());
  const delayMs = chosen === undefined ? undefined : parseGoDuration(chosen);
  return Math.min(delayMs ?? 0, LONGEST_ECHO_DELAY_MS);
}
