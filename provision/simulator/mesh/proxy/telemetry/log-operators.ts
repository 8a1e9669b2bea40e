import type { Peer } from '../../../net/http.ts';
import type { LogEntry } from './log-entry.ts';
import { isGrpc, protocolOf } from './protocol.ts';
import { formatTime } from './time-format.ts';

/** A value of a log line; undefined, shown as `-` or null, for what is not known. */
export type LogValue = string | number | undefined;

export type ReadValue = (entry: LogEntry) => LogValue;

type ReadHeader = (entry: LogEntry) => string | undefined;

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
const HEADER_OPERATORS: Readonly<Record<string, (argument: string) => ReadHeader>> = {
  REQ: (argument) => firstOf(argument, requestHeader),
  RESP: (argument) => firstOf(argument, responseHeader),
  TRAILER: (argument) => firstOf(argument, trailer),
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

/** Each name becomes a reader once, not a question for every line. */
function firstOf(argument: string, readerOf: (name: string) => ReadHeader): ReadHeader {
  const readers = argument.split('?').map((name) => readerOf(name.toLowerCase()));
  const [only] = readers;
  if (only && readers.length === 1) return only;
  return (entry) => {
    for (const read of readers) {
      const value = read(entry);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function requestHeader(name: string): ReadHeader {
  return PSEUDO_HEADERS.get(name) ?? (({ request }) => request?.headers.get(name));
}

const PSEUDO_HEADERS: ReadonlyMap<string, ReadHeader> = new Map<string, ReadHeader>([
  [':method', ({ request }) => request?.method],
  [':path', ({ request }) => request?.path],
  [':authority', ({ request }) => request?.authority || undefined],
  [':scheme', ({ request }) => request?.headers.get('x-forwarded-proto')],
  [
    'x-envoy-original-path',
    ({ request, originalPath }) => (originalPath === request?.path ? undefined : originalPath),
  ],
]);

/** The proxy sets `x-envoy-upstream-service-time` after the log is written. */
function responseHeader(name: string): ReadHeader {
  if (name !== 'x-envoy-upstream-service-time')
    return ({ response }) => response?.headers.get(name);
  return ({ upstreamMs }) =>
    upstreamMs === undefined ? undefined : String(Math.round(upstreamMs));
}

function trailer(name: string): ReadHeader {
  return ({ response }) =>
    response && isGrpc(response.headers) ? response.headers.get(name) : undefined;
}

function address({ ip, port }: Peer): string {
  return `${ip}:${port}`;
}
