import type { HttpRequest } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { HeaderOperations } from '../../istio/virtual-service.ts';
import type {
  PathMatch,
  PathRewrite,
  RedirectAction,
  Route,
  RouteAction,
} from '../../xds/route.ts';
import { hostOf } from './virtual-hosts.ts';

/** The request as it goes on: path and authority rewritten (VirtualService, HTTPRewrite). Its headers stay the same ones. */
export function rewritten(request: HttpRequest, route: Route, action: RouteAction): HttpRequest {
  const { rewrite, hostRewrite } = action;
  if (!rewrite && hostRewrite === undefined) return request;
  const path = rewrite ? rewrittenPath(request.path, route.match.path, rewrite) : request.path;
  if (path !== request.path) request.headers.set('x-envoy-original-path', request.path);
  return { ...request, path, authority: hostRewrite ?? request.authority };
}

function rewrittenPath(whole: string, match: PathMatch, rewrite: PathRewrite): string {
  const at = whole.indexOf('?');
  const path = at < 0 ? whole : whole.slice(0, at);
  const query = at < 0 ? '' : whole.slice(at);
  if (rewrite.type === 'prefix') return `${withPrefix(path, match, rewrite.value)}${query}`;
  if (patternProblem(rewrite.pattern) !== undefined) return whole;
  return `${compilePattern(rewrite.pattern).replaceAll(path, rewrite.substitution)}${query}`;
}

/** A prefix is replaced where it stands, any other match as a whole; whole segments keep one slash between the parts. */
function withPrefix(path: string, match: PathMatch, value: string): string {
  if (match.type === 'prefix') return `${value}${path.slice(match.value.length)}`;
  if (match.type !== 'segments') return value;
  const rest = path.slice(match.value.replace(/\/$/, '').length);
  return `${value.replace(/\/$/, '')}${rest}` || '/';
}

/** Sets, adds and removes headers of a request; the host can only be set (VirtualService, Headers). */
export function withHeaders(
  request: HttpRequest,
  operations: HeaderOperations | undefined,
): HttpRequest {
  if (!operations) return request;
  applyHeaders(request, operations);
  const authority =
    operations.set?.[':authority'] ?? operations.set?.['host'] ?? operations.set?.['Host'];
  return authority === undefined ? request : { ...request, authority };
}

/** Sets, adds and removes headers of a request or an answer. */
export function applyHeaders(
  { headers }: Pick<HttpRequest, 'headers'>,
  operations: HeaderOperations | undefined,
): void {
  if (!operations) return;
  for (const name of operations.remove ?? []) if (!isHost(name)) headers.delete(name);
  for (const [name, value] of Object.entries(operations.set ?? {})) {
    if (!isHost(name)) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(operations.add ?? {})) {
    if (!isHost(name)) headers.append(name, value);
  }
}

function isHost(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

/** Where a redirect leads (VirtualService, HTTPRedirect). */
export function redirectLocation(
  redirect: RedirectAction,
  request: HttpRequest,
  match: PathMatch,
): string {
  const scheme = redirect.scheme ?? request.headers.get('x-forwarded-proto') ?? 'http';
  const requestPort = /:(\d+)$/.exec(request.authority)?.[1];
  const host = redirect.authority ?? hostOf(request.authority);
  const keepsPort =
    redirect.authority === undefined && redirect.derivePort !== 'FROM_PROTOCOL_DEFAULT';
  const port = redirect.port ?? (keepsPort && requestPort ? Number(requestPort) : undefined);
  // A port of the request's own that is the other scheme's default is meant to change with it.
  const isDefault =
    port === undefined ||
    port === (scheme === 'https' ? 443 : 80) ||
    (redirect.port === undefined && port === (scheme === 'https' ? 80 : 443));
  return `${scheme}://${host}${isDefault ? '' : `:${port}`}${redirectPath(redirect, request.path, match)}`;
}

function redirectPath(
  { uri, prefixRewrite }: RedirectAction,
  path: string,
  match: PathMatch,
): string {
  // The query stays, unless the new path has one of its own.
  const query = path.includes('?') ? path.slice(path.indexOf('?')) : '';
  if (uri !== undefined) return uri.includes('?') ? uri : `${uri}${query}`;
  if (prefixRewrite === undefined) return path;
  return rewrittenPath(path, match, { type: 'prefix', value: prefixRewrite });
}
