import type { Clock } from '../../../clock.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import { NO_RETRIES } from '../../pilot/push/retries.ts';
import type { RedirectAction, Route, RouteAction, WeightedCluster } from '../../xds/route.ts';
import { withdrawSampling } from '../telemetry/tracing/trace-context.ts';
import type { Upstream, UpstreamCall } from '../upstream/upstream.ts';
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
  const copies = action.mirrors.length > 0 ? mirrored(stream, action, context) : [];
  const { timeoutMs, retries, hash } = action;
  const sent = context.upstream.send({ cluster, timeoutMs, retries, hash }, stream);
  for (const { call, copy } of copies) context.upstream.send(call, copy).catch(() => undefined);
  const answer = await sent;
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

/** A request that is sent as well, whose answer nobody waits for. */
interface Mirrored {
  readonly call: UpstreamCall;
  readonly copy: HttpStream;
}

/** Copies for other clusters, as they say of themselves where they come from. */
function mirrored(
  stream: HttpStream,
  { mirrors, timeoutMs }: RouteAction,
  { configuration, random }: RouterContext,
): readonly Mirrored[] {
  const { ip } = configuration.node;
  // A loop in which each request becomes two would grow without end: what the proxy itself has sent is not copied again.
  if (stream.request.headers.get('x-forwarded-for')?.split(',').includes(ip)) return [];
  return mirrors.flatMap(({ cluster: name, percent }) => {
    const cluster = hits(percent, random) ? configuration.cluster(name) : undefined;
    if (!cluster) return [];
    const { signal: _, ...request } = {
      ...stream.request,
      headers: stream.request.headers.clone(),
    };
    request.headers.set('x-envoy-internal', 'true');
    withdrawSampling(request.headers);
    appendForwardedFor(request.headers, ip);
    const call = { cluster, timeoutMs, retries: NO_RETRIES };
    return { call, copy: { ...stream, request, clusterName: name } };
  });
}
