import { type Clock, sleep } from '../../clock.ts';
import type { HttpRequest } from '../../net/http.ts';
import { parseDurationMs } from '../istio/duration.ts';
import type { Destination, HttpRoute, Percentage } from '../istio/types.ts';
import type { MeshSnapshot } from '../pilot/snapshot.ts';
import { aborted, direct, noCluster, type ProxyAnswer, withFlag } from './answers.ts';
import { type Cluster, clusterOf } from './clusters.ts';
import { compileRetries } from './retries.ts';
import { applyHeaders, redirectLocation, rewritten, withHeaders } from './routing/rewrite.ts';
import { type CompiledRoute, destinationOf, type FoundRoute } from './routing/route-table.ts';
import { chooseDestination, hits } from './routing/weights.ts';
import type { Upstream, UpstreamResult } from './upstream.ts';

/** What applying a rule needs beside the rule. */
export interface RoutingContext {
  readonly snapshot: MeshSnapshot;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: () => number;
  /** Port the request was sent to: that of the service, or the gateway's. */
  readonly requestPort: number;
  readonly progress: Progress;
}

/** How far a request has come, for the log of one whose caller goes away. */
export interface Progress {
  where: Pick<RoutedResult, 'endpoint' | 'upstreamMs' | 'cluster' | 'service' | 'routeName'>;
  isDelayed: boolean;
}

export function newProgress(): Progress {
  return { where: NOWHERE, isDelayed: false };
}

export interface RoutedResult extends UpstreamResult {
  /** Full name of the service that was meant; empty when none was. */
  readonly service: string;
  readonly routeName: string;
}

/** What a request that was sent nowhere has in the places of its upstream. */
export const NOWHERE = {
  endpoint: undefined,
  upstreamMs: undefined,
  cluster: '-',
  service: '',
  routeName: '-',
} as const;

/**
 * Applies a rule of a VirtualService in Envoy's order: redirect or direct response, fault, then the upstream with its rewrite,
 * header operations, time-out and retries (https://istio.io/latest/docs/reference/config/networking/virtual-service/).
 * Rejects only when the caller has gone.
 */
export async function applyRoute(
  found: FoundRoute,
  request: HttpRequest,
  context: RoutingContext,
): Promise<RoutedResult> {
  const { route } = found;
  const { rule, timeoutMs, retries } = route;
  const routeName = rule.name ?? '-';
  const immediate = answerOf(rule, request);
  if (immediate) return { ...immediate, ...NOWHERE, routeName };
  const choice = chooseDestination(rule, context.random);
  const cluster = choice && lookUp(route, choice.destination, context);
  if (cluster) context.progress.where = { ...NOWHERE, ...named(cluster, routeName) };
  const fault = await injectFault(rule, request, context);
  const where = { ...NOWHERE, service: cluster?.host ?? '', routeName };
  if (fault.abort) return { ...fault.abort, ...where };
  if (!choice || !cluster) return { ...noCluster(), ...where };
  let outgoing = rewritten(request, found);
  for (const { headers } of [rule, choice]) outgoing = withHeaders(outgoing, headers?.request);
  mirror(route, outgoing, context);
  const result = await context.upstream.send({ cluster, timeoutMs, retries }, outgoing);
  for (const { headers } of [rule, choice]) applyHeaders(result.response, headers?.response);
  const routed = { ...result, service: cluster.host, routeName };
  return fault.isDelayed ? withFlag(routed, 'DI') : routed;
}

function named({ host, name }: Cluster, routeName: string) {
  return { service: host, cluster: name, routeName };
}

function lookUp(
  { namespace }: CompiledRoute,
  { host, port, subset }: Destination,
  { snapshot, requestPort }: RoutingContext,
): Cluster | undefined {
  const found = destinationOf(snapshot, host, { namespace, port: port?.number, requestPort });
  return found && clusterOf(snapshot, found.service, found.port, subset);
}

function answerOf(rule: HttpRoute, request: HttpRequest): ProxyAnswer | undefined {
  if (rule.directResponse) {
    return direct(rule.directResponse.status, rule.directResponse.body?.string ?? '');
  }
  if (!rule.redirect) return undefined;
  const location = redirectLocation(rule.redirect, request);
  return direct(rule.redirect.redirectCode ?? 301, '', [['location', location]]);
}

/** Faults come before everything that the upstream's own time-out and retries cover. */
async function injectFault(
  rule: HttpRoute,
  { signal }: HttpRequest,
  { clock, random, progress }: RoutingContext,
): Promise<{ readonly isDelayed: boolean; readonly abort: ProxyAnswer | undefined }> {
  if (!rule.fault) return { isDelayed: false, abort: undefined };
  const { delay, abort } = rule.fault;
  const isDelayed = delay !== undefined && hits(delay.percentage, delay.percent, random);
  progress.isDelayed = isDelayed;
  if (isDelayed) await sleep(clock, parseDurationMs(delay.fixedDelay) ?? 0, signal);
  const isAborted = abort?.httpStatus !== undefined && hits(abort.percentage, undefined, random);
  if (!isAborted) return { isDelayed, abort: undefined };
  const answer = aborted(abort.httpStatus);
  return { isDelayed, abort: isDelayed ? withFlag(answer, 'DI') : answer };
}

const NO_RETRIES = compileRetries({ attempts: 0 });
const ALWAYS: Percentage = { value: 100 };

/** Copies to other destinations; nobody waits for their answers. */
function mirror(route: CompiledRoute, request: HttpRequest, context: RoutingContext): void {
  const { mirror: single, mirrorPercentage, mirrors = [] } = route.rule;
  const all = [
    ...(single ? [{ destination: single, percentage: mirrorPercentage ?? ALWAYS }] : []),
    ...mirrors,
  ];
  for (const { destination, percentage = ALWAYS } of all) {
    const cluster =
      hits(percentage, undefined, context.random) && lookUp(route, destination, context);
    if (!cluster) continue;
    const { signal: _, ...copy } = { ...request, headers: request.headers.clone() };
    const call = { cluster, timeoutMs: route.timeoutMs, retries: NO_RETRIES };
    context.upstream.send(call, copy).catch(() => undefined);
  }
}
