import type { HttpRequest } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { HeaderOperations, HttpRoute } from '../../istio/types.ts';
import type { FoundRoute } from './route-table.ts';

/** The request as it goes on: path and authority rewritten, headers its own (VirtualService, HTTPRewrite). */
export function rewritten(request: HttpRequest, { route, prefix }: FoundRoute): HttpRequest {
  const headers = request.headers.clone();
  const { rewrite } = route.rule;
  if (!rewrite) return { ...request, headers };
  const path = rewrittenPath(request.path, prefix, rewrite);
  if (path !== request.path) headers.set('x-envoy-original-path', request.path);
  return { ...request, headers, path, authority: rewrite.authority ?? request.authority };
}

function rewrittenPath(
  whole: string,
  prefix: string | undefined,
  { uri, uriRegexRewrite }: NonNullable<HttpRoute['rewrite']>,
): string {
  const at = whole.indexOf('?');
  const path = at < 0 ? whole : whole.slice(0, at);
  const query = at < 0 ? '' : whole.slice(at);
  if (uri !== undefined)
    return `${uri}${prefix === undefined ? '' : path.slice(prefix.length)}${query}`;
  if (uriRegexRewrite?.match === undefined) return whole;
  if (patternProblem(uriRegexRewrite.match) !== undefined) return whole;
  const replaced = compilePattern(uriRegexRewrite.match).replaceAll(
    path,
    uriRegexRewrite.rewrite ?? '',
  );
  return `${replaced}${query}`;
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
  for (const [name, value] of Object.entries(operations.set ?? {})) {
    if (!isHost(name)) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(operations.add ?? {})) {
    if (!isHost(name)) headers.append(name, value);
  }
  for (const name of operations.remove ?? []) headers.delete(name);
}

function isHost(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

/** Where a redirect leads (VirtualService, HTTPRedirect). */
export function redirectLocation(
  redirect: NonNullable<HttpRoute['redirect']>,
  request: HttpRequest,
): string {
  const scheme = redirect.scheme ?? request.headers.get('x-forwarded-proto') ?? 'http';
  const requestPort = /:(\d+)$/.exec(request.authority)?.[1];
  const host = redirect.authority ?? request.authority.replace(/:\d+$/, '');
  const keepsPort =
    redirect.authority === undefined && redirect.derivePort !== 'FROM_PROTOCOL_DEFAULT';
  const port = redirect.port ?? (keepsPort && requestPort ? Number(requestPort) : undefined);
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${host}${isDefault ? '' : `:${port}`}${redirect.uri ?? request.path}`;
}
