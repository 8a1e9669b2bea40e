import type { HttpRequest, HttpResponse } from '../../../../net/http.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import type { NetworkErrorCode, Target } from '../../../../net/network.ts';
import { NetworkError } from '../../../../net/network.ts';
import type { ToolContext } from '../../../../programs/program.ts';
import { untilAborted } from '../until-aborted.ts';
import type { CookieJar } from './cookies.ts';
import type { CurlOptions } from './options.ts';
import { secureOptions } from './secure-options.ts';
import { exchangeSecurely, type Secured, SecureRequestError } from './secure-request.ts';
import { portOf, requestPath } from './urls.ts';

/** What curl says on the wire by default; the release in Istio's curl sample. */
export const CURL_VERSION = '8.16.0';

/** One request and its response, or why there was none. */
export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly requestHeaders: HttpHeaders;
  readonly bodyBytes: number;
  readonly response?: HttpResponse;
  /** The version the response came in, where TLS agreed on it; else what was asked for. */
  readonly http?: CurlOptions['http'];
  /** What TLS agreed on. */
  readonly secured?: Secured;
  readonly error?: CurlError;
}

/** curl's exit status and the sentence after `curl: (n) `. */
export interface CurlError {
  readonly exitCode: number;
  readonly message: string;
}

/** Everything one transfer needs; made by `curl.ts`. */
export interface Transfer {
  readonly options: CurlOptions;
  readonly context: ToolContext;
  readonly jar: CookieJar;
}

/** Sends the request and follows redirects when asked to; the exchanges in order, at least one. */
export async function transfer(
  start: URL,
  { options, context, jar }: Transfer,
): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  let url = start;
  let method = firstMethod(options);
  let body = method === 'GET' || method === 'HEAD' ? new Uint8Array() : bodyOf(options);
  if (options.method && options.data.length > 0 && !options.putsDataInUrl) body = bodyOf(options);
  for (;;) {
    const exchange = await exchangeOne(url, method, body, { options, context, jar });
    exchanges.push(exchange);
    const next = redirectOf(exchange);
    if (!options.followsRedirects || !next) return exchanges;
    if (exchanges.length > options.redirectLimit) {
      const message = `Maximum (${options.redirectLimit}) redirects followed`;
      exchanges.push({ ...exchange, error: { exitCode: 47, message } });
      return exchanges;
    }
    if (becomesGet(exchange, options)) {
      method = 'GET';
      body = new Uint8Array();
    }
    url = next;
  }
}

/** Where a response sends the client; undefined when it is none of those. */
export function redirectOf({ response, url }: Exchange): URL | undefined {
  const location = response?.headers.get('location');
  if (!response || response.status < 300 || response.status > 399 || !location) return undefined;
  return URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}

async function exchangeOne(
  url: URL,
  method: string,
  body: Uint8Array,
  { options, context, jar }: Transfer,
): Promise<Exchange> {
  const { network, clock, random } = context;
  const target = targetOf(url, options);
  const requestHeaders = headersFor(url, body, { options, context, jar });
  const base = {
    url,
    method,
    remotePort: target.port,
    remoteIp: network.resolve(target.host)[0] ?? '',
    // Linux hands out ports from 32768 on.
    localPort: 32_768 + Math.floor(random() * 28_000),
    startedMs: clock.now(),
    requestHeaders,
    bodyBytes: body.byteLength,
  };
  using deadline = startDeadline(context, options.timeoutMs);
  using connecting = startDeadline(context, connectTimeoutMs(url, context, options));
  let isAnswered = true;
  const signal = AbortSignal.any([deadline.signal, connecting.signal]);
  try {
    const request = {
      method,
      path: requestPath(url),
      authority: requestHeaders.get('host') ?? url.host,
      headers: withoutHost(requestHeaders),
      body,
      signal,
    };
    const sending =
      url.protocol === 'https:'
        ? sendSecurely(target, request, { url, options, context })
        : network
            .request(target, request, {
              ...(options.connectTimeoutMs !== undefined && {
                connectTimeoutMs: options.connectTimeoutMs,
              }),
              onUnanswered: () => (isAnswered = false),
            })
            .then((response) => ({ response }));
    const answer = await untilAborted(sending, signal);
    for (const [name, value] of answer.response.headers) {
      if (name === 'set-cookie') jar.set(value, url, clock.now());
    }
    return { ...base, endedMs: clock.now(), ...answer };
  } catch (error) {
    const endedMs = clock.now();
    const elapsedMs = endedMs - base.startedMs;
    if (!isAnswered && hasOwnLimit(error, options)) {
      const message = `Connection timed out after ${elapsedMs} milliseconds`;
      return { ...base, endedMs, error: { exitCode: 28, message } };
    }
    return { ...base, endedMs, error: errorOf(error, target, elapsedMs) };
  }
}

/** @throws SecureRequestError also for what stands in the way before anything is sent */
async function sendSecurely(
  target: Target,
  request: HttpRequest,
  { url, options, context }: Pick<Transfer, 'options' | 'context'> & { readonly url: URL },
): Promise<Pick<Exchange, 'http' | 'secured'> & { readonly response: HttpResponse }> {
  const secure = secureOptions(options, context);
  if ('message' in secure) throw new SecureRequestError(secure, {});
  const place = { ...target, serverName: url.hostname };
  const answer = await exchangeSecurely(context.network, place, request, secure);
  const { response, secured } = answer;
  return { response, secured, http: answer.protocol === 'h2' ? '2' : options.http };
}

/** Whether a limit of curl's own ended it, and not that of the system. */
function hasOwnLimit(error: unknown, options: CurlOptions): boolean {
  return error instanceof TimedOut || options.connectTimeoutMs !== undefined;
}

class TimedOut extends Error {}

/**
 * How long connecting may take. What has an address that somebody owns answers or refuses at once, so that the
 * limit is for the rest: addresses outside the cluster, where nobody is.
 */
function connectTimeoutMs(
  url: URL,
  { network }: ToolContext,
  options: CurlOptions,
): number | undefined {
  const isAddress = /^\d+(\.\d+){3}$/.test(url.hostname);
  return isAddress && !isClusterAddress(url.hostname) && network.resolve(url.hostname).length > 0
    ? options.connectTimeoutMs
    : undefined;
}

/** Pods, Services, nodes and load balancers of the simulator. */
function isClusterAddress(ip: string): boolean {
  return /^(10\.|127\.|172\.30\.)/.test(ip);
}

function startDeadline(
  { clock, signal }: ToolContext,
  timeoutMs: number | undefined,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => controller.abort(new TimedOut('time is up')));
  return {
    signal: AbortSignal.any([controller.signal, signal]),
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}

function errorOf(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
  elapsedMs: number,
): CurlError {
  if (error instanceof TimedOut) {
    const message = `Operation timed out after ${elapsedMs} milliseconds with 0 bytes received`;
    return { exitCode: 28, message };
  }
  const connecting = `Failed to connect to ${host} port ${port} after ${elapsedMs} ms: Could not connect to server`;
  if (error instanceof SecureRequestError) return error.curl;
  if (isNoHttp(error)) return { exitCode: 1, message: 'Received HTTP/0.9 when not allowed' };
  if (!(error instanceof NetworkError)) return { exitCode: 52, message: 'Empty reply from server' };
  const errors: Readonly<Record<NetworkErrorCode, CurlError>> = {
    ENOTFOUND: { exitCode: 6, message: `Could not resolve host: ${host}` },
    ECONNREFUSED: { exitCode: 7, message: connecting },
    EHOSTUNREACH: { exitCode: 7, message: connecting },
    ETIMEDOUT: { exitCode: 28, message: connecting },
    ECONNRESET: { exitCode: 56, message: 'Recv failure: Connection reset by peer' },
  };
  return errors[error.code];
}

/** Whether what came back was no HTTP, as Node's parser says it (`HPE_INVALID_CONSTANT`). */
function isNoHttp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { cause } = error;
  return [error, cause].some(
    (one) => one instanceof Error && 'code' in one && String(one.code).startsWith('HPE_'),
  );
}

/** Where to go for a URL, `--resolve` and `--connect-to` heeded. */
function targetOf(url: URL, options: CurlOptions): { host: string; port: number } {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const port = portOf(url);
  for (const rule of options.connectTo) {
    const [fromHost, fromPort, toHost, toPort] = rule.split(':');
    const isMeant = (!fromHost || fromHost === host) && (!fromPort || Number(fromPort) === port);
    if (isMeant) return { host: toHost || host, port: Number(toPort) || port };
  }
  for (const rule of options.resolve) {
    const [name, at, address] = rule.replace(/^\+/, '').split(':');
    if ((name === host || name === '*') && Number(at) === port && address) {
      return { host: address.split(',')[0] ?? address, port };
    }
  }
  return { host, port };
}

function firstMethod(options: CurlOptions): string {
  if (options.method) return options.method;
  if (options.isHead) return 'HEAD';
  return options.data.length > 0 && !options.putsDataInUrl ? 'POST' : 'GET';
}

/** curl turns a POST into a GET on 301, 302 and 303, unless `-X` insists (RFC 9110, 15.4). */
function becomesGet({ response, method }: Exchange, options: CurlOptions): boolean {
  if (options.method || !response) return false;
  if (response.status === 303) return method !== 'HEAD';
  return method === 'POST' && (response.status === 301 || response.status === 302);
}

function bodyOf(options: CurlOptions): Uint8Array {
  return options.putsDataInUrl ? new Uint8Array() : Buffer.from(joinData(options));
}

/** The parts of `-d`; `--json` parts follow each other without `&`. */
export function joinData(options: CurlOptions): string {
  return options.data.join(options.isJson ? '' : '&');
}

function headersFor(url: URL, body: Uint8Array, { options, context, jar }: Transfer): HttpHeaders {
  const headers = new HttpHeaders([['Host', url.host]]);
  const credentials = options.credentials ?? credentialsOf(url);
  if (credentials) {
    headers.set('Authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  headers.set('User-Agent', options.userAgent ?? `curl/${CURL_VERSION}`);
  headers.set('Accept', options.isJson ? 'application/json' : '*/*');
  if (options.referer) headers.set('Referer', options.referer);
  const given = options.cookies.filter((cookie) => cookie.includes('=')).join('; ');
  const cookies = [jar.header(url, context.clock.now()), given].filter(Boolean).join('; ');
  if (cookies) headers.set('Cookie', cookies);
  if (body.byteLength > 0) {
    const type = options.isJson ? 'application/json' : 'application/x-www-form-urlencoded';
    headers.set('Content-Type', type);
    headers.set('Content-Length', String(body.byteLength));
  }
  applyGiven(headers, options.headers);
  return headers;
}

/** `Name: value` adds or replaces, `Name:` takes out, `Name;` sends it empty (curl manual, `-H`). */
function applyGiven(headers: HttpHeaders, given: readonly string[]): void {
  const replaced = new Set<string>();
  for (const line of given) {
    const match = /^([^:;]+)([:;])\s*(.*)$/.exec(line.trim());
    const [, name = '', mark, value = ''] = match ?? [];
    const key = name.toLowerCase();
    if (!match) continue;
    if (!replaced.has(key)) headers.delete(key);
    replaced.add(key);
    if (value || mark === ';') headers.append(key, value);
  }
}

function credentialsOf(url: URL): string | undefined {
  if (!url.username) return undefined;
  return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
}

function withoutHost(headers: HttpHeaders): HttpHeaders {
  const copy = headers.clone();
  copy.delete('host');
  return copy;
}
