import type { Caller, HttpRequest, HttpResponse, Peer } from '../../../net/http.ts';
import type { WorkloadMetadata } from '../../../net/network.ts';
import type { FinishedStream } from '../http/stream.ts';
import type { ConnectionRecord } from '../tcp/connection-record.ts';

/** What access logs tell of one finished request or connection (Envoy's StreamInfo); undefined for what is not known. */
export interface LogEntry {
  readonly startMs: number;
  readonly durationMs: number;
  readonly request: HttpRequest | undefined;
  readonly response: HttpResponse | undefined;
  /** As the caller wrote it; undefined for connections. */
  readonly originalPath: string | undefined;
  readonly code: number;
  /** `-` for none. */
  readonly flags: string;
  readonly details: string | undefined;
  readonly terminationDetails: string | undefined;
  readonly transportFailure: string | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly upstreamMs: number | undefined;
  readonly upstreamHost: Peer | undefined;
  readonly upstreamCluster: string | undefined;
  readonly upstreamLocal: Peer | undefined;
  readonly downstreamLocal: Peer;
  readonly downstreamRemote: Caller;
  readonly serverName: string | undefined;
  readonly routeName: string | undefined;
  /** SPIFFE id that the caller has shown. */
  readonly peerIdentity: string | undefined;
  /** The workload that calls, and that which is called, where their proxies say so. */
  readonly downstreamPeer: WorkloadMetadata | undefined;
  readonly upstreamPeer: WorkloadMetadata | undefined;
  readonly attempts: number;
}

/** The entry of a request; `local` is the proxy's own side of its connection to the upstream. */
export function requestEntry(
  { stream, answer, durationMs }: FinishedStream,
  local: Peer,
): LogEntry {
  const { request, endpoint, peer } = stream;
  const { response } = answer;
  return {
    startMs: stream.startMs,
    durationMs,
    request,
    response,
    originalPath: stream.originalPath,
    code: response.status,
    flags: answer.flags,
    details: answer.details,
    terminationDetails: undefined,
    transportFailure: stream.transportFailure,
    receivedBytes: request.body.length,
    sentBytes: response.body.length,
    upstreamMs: stream.upstreamMs,
    upstreamHost: endpoint,
    upstreamCluster: stream.cluster ? stream.clusterName : undefined,
    upstreamLocal: endpoint && local,
    downstreamLocal: stream.destination,
    downstreamRemote: peer,
    serverName: peer.serverName,
    routeName: stream.route?.name || undefined,
    peerIdentity: peer.identity,
    downstreamPeer: peer.workload,
    upstreamPeer: endpoint?.workload,
    attempts: stream.attempts,
  };
}

/** The entry of a connection whose bytes nobody looked at. */
export function connectionEntry(record: ConnectionRecord, local: Peer): LogEntry {
  const { startMs, endMs = startMs, endpoint } = record;
  return {
    ...NO_REQUEST,
    startMs,
    durationMs: endMs - startMs,
    flags: record.flags,
    terminationDetails: known(record.details),
    transportFailure: known(record.transportFailure),
    receivedBytes: record.received.total,
    sentBytes: record.sent.total,
    upstreamHost: endpoint,
    upstreamCluster: record.cluster ? record.clusterName : undefined,
    upstreamLocal: endpoint && local,
    downstreamLocal: record.destination,
    downstreamRemote: record.peer,
    serverName: record.serverName,
    peerIdentity: record.peer.identity,
    downstreamPeer: record.peer.workload,
    upstreamPeer: endpoint?.workload,
  };
}

/** The entry of a connection that no filter chain is for: plain text where mutual TLS is wanted. */
export function refusedEntry(startMs: number, peer: Peer, destination: Peer): LogEntry {
  return {
    ...NO_REQUEST,
    startMs,
    flags: 'NR',
    details: 'filter_chain_not_found',
    downstreamLocal: destination,
    downstreamRemote: peer,
  };
}

const NO_REQUEST = {
  durationMs: 0,
  request: undefined,
  response: undefined,
  originalPath: undefined,
  code: 0,
  details: undefined,
  terminationDetails: undefined,
  transportFailure: undefined,
  receivedBytes: 0,
  sentBytes: 0,
  upstreamMs: undefined,
  upstreamHost: undefined,
  upstreamCluster: undefined,
  upstreamLocal: undefined,
  serverName: undefined,
  routeName: undefined,
  peerIdentity: undefined,
  downstreamPeer: undefined,
  upstreamPeer: undefined,
  attempts: 0,
};

function known(text: string): string | undefined {
  return text === '-' ? undefined : text;
}
