import type { HttpHeaders, Peer } from '../../../net/http.ts';
import type { LogEntry } from './log-entry.ts';
import { isGrpc, protocolOf } from './protocol.ts';
import { formatTime } from './time-format.ts';

/** A value of a log line; undefined, shown as `-` or null, for what is not known. */
export type LogValue = string | number | undefined;

export type ReadValue = (entry: LogEntry) => LogValue;

/**
 * The reader for one of Envoy's command operators with what stands in its parentheses
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators). Operators that are not
 * known here have no value.
 */
export function operator(name: string, argument: string): ReadValue {
  if (name === 'START_TIME') {
    return ({ startMs }) =>
      argument === '' ? new Date(startMs).toISOString() : formatTime(startMs, argument);
  }
  const ofHeaders = HEADER_OPERATORS[name];
  if (ofHeaders) return ofHeaders(argument);
  return OPERATORS[name] ?? (() => undefined);
}

/** `REQ(X?Y)`: the first of two headers that is there. */
const HEADER_OPERATORS: Readonly<Record<string, (argument: string) => ReadValue>> = {
  REQ: (argument) => {
    const names = alternatives(argument);
    return (entry) => firstOf(names, (name) => requestHeader(entry, name));
  },
  RESP: (argument) => {
    const names = alternatives(argument);
    return ({ response, upstreamMs }) =>
      firstOf(names, (name) => responseHeader(response?.headers, name, upstreamMs));
  },
  TRAILER: (argument) => {
    const names = alternatives(argument);
    return ({ response }) =>
      response && isGrpc(response.headers)
        ? firstOf(names, (name) => response.headers.get(name))
        : undefined;
  },
};

const OPERATORS: Readonly<Record<string, ReadValue>> = {
  BYTES_RECEIVED: ({ receivedBytes }) => receivedBytes,
  BYTES_SENT: ({ sentBytes }) => sentBytes,
  CONNECTION_TERMINATION_DETAILS: ({ terminationDetails }) => terminationDetails,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ downstreamRemote }) => address(downstreamRemote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstreamRemote }) => downstreamRemote.ip,
  DOWNSTREAM_LOCAL_ADDRESS: ({ downstreamLocal }) => address(downstreamLocal),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ downstreamLocal }) => downstreamLocal.ip,
  DOWNSTREAM_LOCAL_PORT: ({ downstreamLocal }) => downstreamLocal.port,
  DOWNSTREAM_PEER_URI_SAN: ({ peerIdentity }) => peerIdentity,
  DOWNSTREAM_REMOTE_ADDRESS: ({ downstreamRemote }) => address(downstreamRemote),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstreamRemote }) => downstreamRemote.ip,
  DOWNSTREAM_REMOTE_PORT: ({ downstreamRemote }) => downstreamRemote.port,
  DURATION: ({ durationMs }) => Math.round(durationMs),
  METHOD: ({ request }) => request?.method,
  PATH: (entry) => entry.originalPath,
  PROTOCOL: protocolOf,
  REQUEST_DURATION: ({ request }) => (request ? 0 : undefined),
  REQUESTED_SERVER_NAME: ({ serverName }) => serverName,
  RESPONSE_CODE: ({ code }) => code,
  RESPONSE_CODE_DETAILS: ({ details }) => details,
  RESPONSE_DURATION: ({ upstreamMs }) => upstreamMs && Math.round(upstreamMs),
  RESPONSE_FLAGS: ({ flags }) => flags,
  ROUTE_NAME: ({ routeName }) => routeName,
  UPSTREAM_CLUSTER: ({ upstreamCluster }) => upstreamCluster,
  UPSTREAM_CLUSTER_RAW: ({ upstreamCluster }) => upstreamCluster,
  UPSTREAM_HOST: ({ upstreamHost }) => upstreamHost && address(upstreamHost),
  UPSTREAM_LOCAL_ADDRESS: ({ upstreamLocal }) => upstreamLocal && address(upstreamLocal),
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ upstreamLocal }) => upstreamLocal?.ip,
  UPSTREAM_LOCAL_PORT: ({ upstreamLocal }) => upstreamLocal?.port,
  UPSTREAM_REMOTE_ADDRESS: ({ upstreamHost }) => upstreamHost && address(upstreamHost),
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ upstreamHost }) => upstreamHost?.ip,
  UPSTREAM_REMOTE_PORT: ({ upstreamHost }) => upstreamHost?.port,
  UPSTREAM_REQUEST_ATTEMPT_COUNT: ({ attempts }) => attempts,
  UPSTREAM_TRANSPORT_FAILURE_REASON: ({ transportFailure }) => transportFailure,
};

function alternatives(argument: string): readonly string[] {
  return argument.split('?').map((name) => name.toLowerCase());
}

function firstOf(
  names: readonly string[],
  read: (name: string) => string | undefined,
): string | undefined {
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function requestHeader({ request, originalPath }: LogEntry, name: string): string | undefined {
  if (!request) return undefined;
  switch (name) {
    case ':method':
      return request.method;
    case ':path':
      return request.path;
    case ':authority':
      return request.authority || undefined;
    case ':scheme':
      return request.headers.get('x-forwarded-proto');
    case 'x-envoy-original-path':
      return originalPath === request.path ? undefined : originalPath;
    default:
      return request.headers.get(name);
  }
}

/** The proxy sets this header after the log is written. */
function responseHeader(
  headers: HttpHeaders | undefined,
  name: string,
  upstreamMs: number | undefined,
): string | undefined {
  if (name !== 'x-envoy-upstream-service-time') return headers?.get(name);
  return upstreamMs === undefined ? undefined : String(Math.round(upstreamMs));
}

function address({ ip, port }: Peer): string {
  return `${ip}:${port}`;
}
