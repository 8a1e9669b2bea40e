import { type Clock, sleep } from '../../clock.ts';
import type { HttpHeaders, HttpRequest } from '../../net/http.ts';
import { parseDurationMs } from '../istio/duration.ts';
import type { Destination, HeaderOperations, HttpRoute, Percentage } from '../istio/types.ts';
import type { MeshSnapshot } from '../pilot/snapshot.ts';
import { aborted, direct, noCluster, type ProxyAnswer } from './answers.ts';
import { type CompiledRoute, destinationOf } from './routing/route-table.ts';
import type { Upstream, UpstreamResult } from './upstream.ts';

/** What applying a rule needs beside the rule. */
export interface RoutingContext {
  readonly snapshot: MeshSnapshot;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: () => number;
  /** Port the request was sent to: that of the service, or the gateway's. */
  readonly requestPort: number;
}

export interface RoutedResult extends UpstreamResult {
  /** Full name of the service that was meant; empty when none was. */
  readonly service: string;
  readonly routeName: string;
}

/**
 * Applies a rule of a VirtualService in Envoy's order: redirect or direct response, fault, then the upstream with its rewrite,
 * header operations, time-out and retries (https://istio.io/latest/docs/reference/config/networking/virtual-service/).
 */
export async function applyRoute(
  route: CompiledRoute,
  request: HttpRequest,
  context: RoutingContext,
): Promise<RoutedResult> {
  const { rule } = route;
  const routeName = rule.name ?? '-';
  const immediate = answerOf(rule, request);
  if (immediate) return withoutUpstream(immediate, routeName);
  const choice = chooseDestination(rule, context.random);
  const found = choice && lookUp(route.namespace, choice.destination, context);
  const service = found?.service.host ?? '';
  const fault = await injectFault(rule, context);
  if (fault.abort) return { ...withoutUpstream(fault.abort, routeName), service };
  if (!choice || !found) return withoutUpstream(noCluster(), routeName);
  const outgoing = rewritten(request, route);
  applyHeaders(outgoing.headers, rule.headers?.request);
  applyHeaders(outgoing.headers, choice.headers?.request);
  mirror(route, outgoing, context);
  const result = await context.upstream.send(
    { snapshot: context.snapshot, ...found, subset: choice.destination.subset, ...patience(rule) },
    outgoing,
  );
  applyHeaders(result.response.headers, rule.headers?.response);
  applyHeaders(result.response.headers, choice.headers?.response);
  const flags = fault.isDelayed ? withDelay(result.flags) : result.flags;
  return { ...result, flags, service, routeName };
}

function withDelay(flags: string): string {
  return flags === '-' ? 'DI' : `DI,${flags}`;
}

/** How long and how often the rule lets a request be tried. */
function patience({ timeout, retries }: HttpRoute) {
  return {
    timeoutMs: parseDurationMs(timeout),
    perTryTimeoutMs: parseDurationMs(retries?.perTryTimeout),
    retries: retries?.attempts,
    retryOn: retries?.retryOn,
  };
}

function lookUp(namespace: string, { host, port }: Destination, context: RoutingContext) {
  return destinationOf(context.snapshot, host, {
    namespace,
    port: port?.number,
    requestPort: context.requestPort,
  });
}

function answerOf(rule: HttpRoute, request: HttpRequest): ProxyAnswer | undefined {
  if (rule.directResponse)
    return direct(rule.directResponse.status, rule.directResponse.body?.string ?? '');
  if (!rule.redirect) return undefined;
  const { uri, authority, scheme, redirectCode } = rule.redirect;
  const location = `${scheme ?? 'http'}://${authority ?? request.authority}${uri ?? request.path}`;
  return direct(redirectCode ?? 301, '', [['location', location]]);
}

function withoutUpstream(answer: ProxyAnswer, routeName: string): RoutedResult {
  return {
    ...answer,
    endpoint: undefined,
    upstreamMs: undefined,
    cluster: '-',
    service: '',
    routeName,
  };
}

/** Faults come before everything that the upstream's own time-out and retries cover. */
async function injectFault(
  rule: HttpRoute,
  { clock, random }: RoutingContext,
): Promise<{ readonly isDelayed: boolean; readonly abort: ProxyAnswer | undefined }> {
  const { delay, abort } = rule.fault ?? {};
  const isDelayed = delay !== undefined && hits(delay.percentage, delay.percent, random);
  if (isDelayed) await sleep(clock, parseDurationMs(delay.fixedDelay) ?? 0);
  const isAborted = abort?.httpStatus !== undefined && hits(abort.percentage, undefined, random);
  if (!isAborted) return { isDelayed, abort: undefined };
  const answer = aborted(abort.httpStatus);
  return { isDelayed, abort: isDelayed ? { ...answer, flags: 'DI,FI' } : answer };
}

function hits(
  percentage: Percentage | undefined,
  percent: number | undefined,
  random: () => number,
): boolean {
  return random() * 100 < (percentage?.value ?? percent ?? 0);
}

/** By weight; a single destination takes everything, one of weight 0 among several nothing. */
function chooseDestination(rule: HttpRoute, random: () => number) {
  const routes = rule.route ?? [];
  if (routes.length <= 1) return routes[0];
  const total = routes.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  let left = random() * total;
  for (const route of routes) {
    left -= route.weight ?? 0;
    if (left < 0) return route;
  }
  return routes.at(-1);
}

function rewritten(request: HttpRequest, { rule, matchedPrefix }: CompiledRoute): HttpRequest {
  const headers = request.headers.clone();
  const { uri, authority } = rule.rewrite ?? {};
  if (uri === undefined && authority === undefined) return { ...request, headers };
  const path =
    uri === undefined
      ? request.path
      : `${uri}${request.path.slice(matchedPrefix?.length ?? request.path.length)}`;
  if (uri !== undefined) headers.set('x-envoy-original-path', request.path);
  return { ...request, headers, path, authority: authority ?? request.authority };
}

function applyHeaders(headers: HttpHeaders, operations: HeaderOperations | undefined): void {
  if (!operations) return;
  for (const [name, value] of Object.entries(operations.set ?? {})) headers.set(name, value);
  for (const [name, value] of Object.entries(operations.add ?? {})) headers.append(name, value);
  for (const name of operations.remove ?? []) headers.delete(name);
}

/** A copy to another destination; nobody waits for its answer. */
function mirror(
  { rule, namespace }: CompiledRoute,
  request: HttpRequest,
  context: RoutingContext,
): void {
  if (!rule.mirror || !hits(rule.mirrorPercentage ?? { value: 100 }, undefined, context.random))
    return;
  const found = lookUp(namespace, rule.mirror, context);
  if (!found) return;
  const copy = { ...request, headers: request.headers.clone() };
  const call = {
    snapshot: context.snapshot,
    ...found,
    subset: rule.mirror.subset,
    ...patience({ retries: { attempts: 0 } }),
  };
  context.upstream.send(call, copy).catch(() => undefined);
}
