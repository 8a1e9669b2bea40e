import type { Clock } from '../../../clock.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import { NO_RETRIES } from '../../pilot/push/retries.ts';
import type { RedirectAction, Route, RouteAction, WeightedCluster } from '../../xds/route.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { direct, directResponse, noCluster, type ProxyAnswer } from './answers.ts';
import { appendForwardedFor } from './forwarded.ts';
import { applyHeaders, redirectLocation, rewritten, withHeaders } from './rewrite.ts';
import type { HttpStream } from './stream.ts';
import { chooseCluster, hits } from './weights.ts';

export interface RouterContext {
  readonly configuration: ProxyConfiguration;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A route with the cluster that was chosen for a request. */
export interface Choice {
  readonly route: Route;
  readonly action: RouteAction;
  readonly chosen: WeightedCluster | undefined;
}

/** Where a request is to go; noted in the stream before anything is done, for the log of one that never gets there. */
export function chooseUpstream(
  stream: HttpStream,
  route: Route,
  { configuration, random }: RouterContext,
): Choice | undefined {
  const { action } = route;
  if (action.type !== 'route') return undefined;
  const chosen = chooseCluster(action.clusters, random);
  stream.clusterName = chosen?.cluster ?? '-';
  stream.cluster = chosen && configuration.cluster(chosen.cluster);
  return { route, action, chosen };
}

/**
 * The last filter: redirects, answers or sends the request on, with its rewrite, header operations, time-out, retries and mirrors
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter). Rejects only when the caller has gone.
 */
export async function applyRoute(
  stream: HttpStream,
  { route, action, chosen }: Choice,
  context: RouterContext,
): Promise<ProxyAnswer> {
  const { cluster } = stream;
  if (!chosen || !cluster) return noCluster(action.missingClusterStatus);
  // Among several destinations what the route says comes last and wins; a single one is part of the route.
  const order = action.clusters.length > 1 ? [chosen, route] : [route, chosen];
  let outgoing = rewritten(stream.request, route, action);
  for (const { headers } of order) outgoing = withHeaders(outgoing, headers?.request);
  // The server's proxy calls its span so, and keeps it from the application.
  const isOutbound = stream.manager.direction === 'OUTBOUND';
  if (isOutbound) outgoing.headers.set('x-envoy-decorator-operation', route.operation);
  stream.request = outgoing;
  if (action.mirrors.length > 0) mirror(stream, action, context);
  const { timeoutMs, retries, hash } = action;
  const answer = await context.upstream.send({ cluster, timeoutMs, retries, hash }, stream);
  for (const { headers } of order) applyHeaders(answer.response, headers?.response);
  return answer;
}

/** The answer of a route that sends nothing on. */
export function immediateAnswer({ request }: HttpStream, route: Route): ProxyAnswer | undefined {
  const { action } = route;
  if (action.type === 'direct') {
    const answer = directResponse(action.status, action.body ?? new Uint8Array());
    applyHeaders(answer.response, route.headers?.response);
    return answer;
  }
  return action.type === 'redirect' ? redirect(action, request, route) : undefined;
}

function redirect(
  action: RedirectAction,
  request: HttpStream['request'],
  route: Route,
): ProxyAnswer {
  const location = redirectLocation(action, request, route.match.path);
  return direct(action.redirectCode ?? 301, '', [['location', location]]);
}

/** Copies to other clusters; nobody waits for their answers. */
function mirror(
  stream: HttpStream,
  { mirrors, timeoutMs }: RouteAction,
  { configuration, upstream, random }: RouterContext,
): void {
  const { ip } = configuration.node;
  for (const { cluster: name, percent } of mirrors) {
    const cluster = hits(percent, random) ? configuration.cluster(name) : undefined;
    if (!cluster) continue;
    const { signal: _, ...copy } = { ...stream.request, headers: stream.request.headers.clone() };
    copy.headers.set('x-envoy-internal', 'true');
    appendForwardedFor(copy.headers, ip);
    const call = { cluster, timeoutMs, retries: NO_RETRIES };
    upstream.send(call, { ...stream, request: copy, clusterName: name }).catch(() => undefined);
  }
}
