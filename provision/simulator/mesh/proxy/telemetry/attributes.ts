import {
  compile,
  type CelValue,
  type Declarations,
  dyn,
  type Program,
  toValue,
} from '../../../kinds/cel/index.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import type { HttpHeaders } from '../../../net/http.ts';
import type { WorkloadMetadata } from '../../../net/network.ts';
import { EXPRESSION_COST_LIMIT } from './limits.ts';
import type { LogEntry } from './log-entry.ts';
import { protocolOf } from './protocol.ts';

/**
 * Expressions over what is known of a request or connection, by Envoy's attributes
 * (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes): undefined for one that is no CEL.
 */
export function expression(text: string): ((entry: LogEntry) => CelValue | undefined) | undefined {
  const compiled = compile(text, DECLARATIONS);
  if (compiled.type === 'failed') return undefined;
  return (entry) => valueOf(compiled.program, entry);
}

const ATTRIBUTES: Readonly<Record<string, (entry: LogEntry) => JsonObject>> = {
  request: requestAttributes,
  response: (entry) => ({
    code: entry.code,
    ...(entry.details !== undefined && { code_details: entry.details }),
    flags: flagBits(entry.flags),
    size: entry.sentBytes,
    total_size: entry.sentBytes,
    headers: headersOf(entry.response?.headers),
    ...grpcStatus(entry),
  }),
  connection: ({ peerIdentity, serverName, terminationDetails }) => ({
    mtls: peerIdentity !== undefined,
    ...(serverName !== undefined && { requested_server_name: serverName }),
    ...(peerIdentity !== undefined && { uri_san_peer_certificate: peerIdentity }),
    ...(terminationDetails !== undefined && { termination_details: terminationDetails }),
  }),
  source: ({ downstreamRemote: { ip, port } }) => ({ address: `${ip}:${port}`, port }),
  destination: ({ downstreamLocal: { ip, port } }) => ({ address: `${ip}:${port}`, port }),
  upstream: ({ upstreamHost, transportFailure }) => ({
    ...(upstreamHost && {
      address: `${upstreamHost.ip}:${upstreamHost.port}`,
      port: upstreamHost.port,
    }),
    ...(transportFailure !== undefined && { transport_failure_reason: transportFailure }),
  }),
  xds: ({ upstreamCluster, routeName }) => ({
    ...(upstreamCluster !== undefined && { cluster_name: upstreamCluster }),
    ...(routeName !== undefined && { route_name: routeName }),
  }),
  upstream_peer: ({ upstreamPeer }) => peerAttributes(upstreamPeer),
  downstream_peer: ({ downstreamPeer }) => peerAttributes(downstreamPeer),
  filter_state: ({ upstreamPeer, downstreamPeer }) => ({
    upstream_peer: peerAttributes(upstreamPeer),
    downstream_peer: peerAttributes(downstreamPeer),
  }),
};

const DECLARATIONS: Declarations = {
  variable: (name) => (Object.hasOwn(ATTRIBUTES, name) ? dyn : undefined),
};

/** undefined where evaluation ends in an error, as for a header that is not there. */
function valueOf({ evaluate }: Program, entry: LogEntry): CelValue | undefined {
  const outcome = evaluate((name) => {
    const read = ATTRIBUTES[name];
    return read && toValue(read(entry));
  }, EXPRESSION_COST_LIMIT);
  return outcome.type === 'value' ? outcome.value : undefined;
}

function requestAttributes(entry: LogEntry): JsonObject {
  const { request, originalPath: path = '', receivedBytes, durationMs } = entry;
  if (!request) return {};
  const { headers, authority, method } = request;
  const [urlPath = '', query] = path.split('?');
  const named = Object.entries(NAMED_HEADERS).flatMap(([key, name]) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...Object.fromEntries(named),
    path,
    url_path: urlPath,
    query: query ?? '',
    host: authority,
    method,
    headers: { ...headersOf(headers), ':method': method, ':path': path, ':authority': authority },
    protocol: protocolOf(entry) ?? '',
    size: receivedBytes,
    total_size: receivedBytes,
    duration: durationMs,
  };
}

const NAMED_HEADERS = {
  id: 'x-request-id',
  scheme: 'x-forwarded-proto',
  referer: 'referer',
  useragent: 'user-agent',
};

function headersOf(headers: HttpHeaders | undefined): JsonObject {
  return Object.fromEntries([...(headers ?? [])].map(([name]) => [name, headers?.get(name) ?? '']));
}

function grpcStatus({ response }: LogEntry): JsonObject {
  const status = response?.headers.get('grpc-status');
  return status === undefined ? {} : { grpc_status: Number(status) };
}

function peerAttributes(peer: WorkloadMetadata | undefined): JsonObject {
  if (!peer) return {};
  const { namespace, workload, app, version, podName } = peer;
  return {
    name: podName,
    namespace,
    workload,
    app,
    version,
    service: app,
    revision: version,
    cluster: 'Kubernetes',
  };
}

/** Envoy's bits for response flags (StreamInfo.CoreResponseFlag), in the order of their numbers. */
const FLAGS = ['LH', 'UH', 'UT', 'LR', 'UR', 'UF', 'UC', 'UO', 'NR', 'DI', 'FI', 'RL', 'UAEX'];
const LATER_FLAGS: Readonly<Record<string, number>> = {
  DC: 2 ** 14,
  URX: 2 ** 15,
  NC: 2 ** 24,
};

function flagBits(flags: string): number {
  return flags.split(',').reduce((bits, flag) => {
    const place = FLAGS.indexOf(flag);
    return bits + (place >= 0 ? 2 ** place : (LATER_FLAGS[flag] ?? 0));
  }, 0);
}
