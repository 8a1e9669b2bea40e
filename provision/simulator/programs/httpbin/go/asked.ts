import { HttpHeaders, type HttpRequest, type HttpResponse, type Peer } from '../../../net/http.ts';
import { goHeaders } from '../../go/headers.ts';
import type { ContainerContext } from '../../program.ts';

/** Values by name, sorted as Go writes maps. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** What answers need of where they are made. */
export interface Surroundings extends Pick<ContainerContext, 'clock' | 'random'> {
  /** What /hostname answers. Default `go-httpbin`. */
  readonly hostname?: string;
}

/** A request as go-httpbin's handlers see it. */
export interface Asked {
  readonly request: HttpRequest;
  readonly context: Surroundings;
  /** Parts of the path that the route's `{}` stand for, unescaped. */
  readonly parts: readonly string[];
  readonly path: string;
  readonly query: URLSearchParams;
  readonly args: Values;
  readonly headers: Values;
  /** The first address of `X-Forwarded-For`, or who called. */
  readonly origin: string;
  readonly url: string;
}

export type Handler = (asked: Asked) => HttpResponse | Promise<HttpResponse>;

/** A request without the parts of its route. */
export type Unrouted = Omit<Asked, 'parts'>;

/** A request as handlers read it, with the origin and the scheme that proxies have told. */
export function readRequest(request: HttpRequest, peer: Peer, context: Surroundings): Unrouted {
  const mark = request.path.indexOf('?');
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1));
  const forwardedFor = request.headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? '';
  const scheme =
    request.headers.get('x-forwarded-proto') ??
    request.headers.get('x-forwarded-protocol') ??
    (request.headers.get('x-forwarded-ssl') === 'on' ? 'https' : 'http');
  return {
    request,
    context,
    path,
    query,
    args: valuesOf(query),
    headers: goHeaders(request),
    origin: forwardedFor || `${peer.ip}:${peer.port}`,
    url: `${scheme}://${request.authority}${request.path}`,
  };
}

/** All values of each name, in order. */
export function valuesOf(pairs: Iterable<readonly [string, string]>): Values {
  const found = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export const TEXT = 'text/plain; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

export type HeaderEntries = readonly (readonly [string, string])[];

/** JSON as Go's encoder writes it with two spaces of indentation. */
export function goJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** JSON with go-httpbin's own content type. */
export function answerJson(
  value: unknown,
  {
    status = 200,
    headers = [],
  }: { readonly status?: number; readonly headers?: HeaderEntries } = {},
): HttpResponse {
  return answer(goJson(value), { status, headers: [['content-type', JSON_TYPE], ...headers] });
}

/** An answer with its length. */
export function answer(
  content: string | Uint8Array,
  {
    status = 200,
    headers = [],
  }: { readonly status?: number; readonly headers?: HeaderEntries } = {},
): HttpResponse {
  const body = Buffer.from(content);
  const all = new HttpHeaders(headers);
  if (!all.has('content-length')) all.set('content-length', String(body.length));
  return { status, headers: all, body };
}

/** A refusal in go-httpbin's form. */
export function problem(
  status: number,
  detail?: string,
  headers: HeaderEntries = [],
): HttpResponse {
  const error = STATUS_TEXTS[status] ?? '';
  return answerJson(
    { status_code: status, error, ...(detail !== undefined && { detail }) },
    { status, headers },
  );
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  501: 'Not Implemented',
};
