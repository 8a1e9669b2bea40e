import { setImmediate as nextTurn } from 'node:timers/promises';

import type { HttpHandler, HttpRequest, HttpResponse } from '../../net/http.ts';
import { commandLine } from '../command-line.ts';
import { goFlag } from '../go/flag.ts';
import { idle } from '../idle.ts';
import { repositoryOf } from '../images.ts';
import type { ContainerContext, Program } from '../program.ts';
import { asAsked } from '../text-server.ts';
import { answer, type HeaderEntries, readRequest, type Unrouted } from './go/asked.ts';
import { route } from './go/routes.ts';

const IMAGES: ReadonlySet<string> = new Set(['mccutchen/go-httpbin']);
const DEFAULT_PORT = 8080;

/** go-httpbin 2.15, the httpbin of Istio's samples: what it answers tells what came (github.com/mccutchen/go-httpbin). */
export const goHttpbin: Program = {
  images: ['mccutchen/go-httpbin'],
  matches: (image) => IMAGES.has(repositoryOf(image)),
  hasShell: false,
  start(context) {
    const port = portOf(context);
    const listening = context.network.listen(port, { type: 'http', handle: serve(context) });
    log(context, 'INFO', `msg="go-httpbin listening on http://0.0.0.0:${port}"`);
    return idle(listening);
  },
};

function portOf({ container, env }: ContainerContext): number {
  return Number(goFlag(commandLine(container), 'port') ?? env['PORT']) || DEFAULT_PORT;
}

function serve(context: ContainerContext): HttpHandler {
  const surroundings = {
    clock: context.clock,
    random: context.random,
    hostname: hostnameOf(context),
  };
  return async (request, peer) => {
    // Most answers take less than the clock's millisecond.
    const startedMs = performance.now();
    // Requests that come together are under way together, as on threads: a proxy's limits see them all at once.
    await nextTurn();
    const asked = readRequest(request, peer, surroundings);
    const response = finish(request, await respond(asked), context);
    const durationMs = performance.now() - startedMs;
    logRequest(context, { asked, response, durationMs });
    return response;
  };
}

/** go-httpbin gives its real name only when it is told to (its option -use-real-hostname). */
function hostnameOf({ env, pod, container }: ContainerContext): string {
  const isTold =
    /^(1|true)$/.test(env['USE_REAL_HOSTNAME'] ?? '') ||
    container.args?.some((word) => /^--?use-real-hostname(=true)?$/.test(word));
  return isTold === true ? pod.metadata.name : 'go-httpbin';
}

async function respond(asked: Unrouted): Promise<HttpResponse> {
  const { method } = asked.request;
  if (method === 'OPTIONS') return preflight(asked.request);
  const found = route(method, asked.path);
  if (found.type === 'found') return found.handle({ ...asked, parts: found.parts });
  if (found.type === 'none') return plain(404, '404 page not found');
  return plain(405, 'Method Not Allowed', [['allow', found.allowed.join(', ')]]);
}

/** An error of Go's own router. */
function plain(status: number, text: string, headers: HeaderEntries = []) {
  return answer(`${text}\n`, {
    status,
    headers: [
      ...headers,
      ['content-type', 'text/plain; charset=utf-8'],
      ['x-content-type-options', 'nosniff'],
    ],
  });
}

function preflight({ headers }: HttpRequest): HttpResponse {
  const asked = headers.get('access-control-request-headers');
  return answer('', {
    headers: [
      ['access-control-allow-methods', 'GET, POST, HEAD, PUT, DELETE, PATCH, OPTIONS'],
      ['access-control-max-age', '3600'],
      ...(asked === undefined ? [] : [['access-control-allow-headers', asked] as const]),
    ],
  });
}

function finish(request: HttpRequest, response: HttpResponse, { clock }: ContainerContext) {
  const { headers } = response;
  headers.set('access-control-allow-credentials', 'true');
  headers.set('access-control-allow-origin', request.headers.get('origin') ?? '*');
  headers.set('date', new Date(clock.now()).toUTCString());
  return asAsked(request, response);
}

interface Answered {
  readonly asked: Unrouted;
  readonly response: HttpResponse;
  readonly durationMs: number;
}

function logRequest(context: ContainerContext, { asked, response, durationMs }: Answered): void {
  const { request, origin } = asked;
  const { status, body } = response;
  const level = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO';
  const summary = `${status} ${request.method} ${request.path} ${durationMs.toFixed(1)}ms`;
  const fields = [
    `msg=${quoted(summary)}`,
    `status=${status}`,
    `method=${request.method}`,
    `uri=${quoted(request.path)}`,
    `size_bytes=${body.byteLength}`,
    `duration_ms=${Number(durationMs.toFixed(6))}`,
    `user_agent=${quoted(request.headers.get('user-agent') ?? '')}`,
    `client_ip=${origin}`,
  ];
  log(context, level, fields.join(' '));
}

/** A line in the form of Go's slog.TextHandler. */
function log({ clock, log: write }: ContainerContext, level: string, fields: string): void {
  write(`time=${new Date(clock.now()).toISOString()} level=${level} ${fields}`);
}

function quoted(text: string): string {
  return text === '' || /[\s="\p{C}]/u.test(text) ? JSON.stringify(text) : text;
}
