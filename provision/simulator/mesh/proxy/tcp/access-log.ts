import type { Peer } from '../../../net/http.ts';
import type { ConnectionRecord } from './connection-record.ts';

/** A finished connection as Istio's default text format has it: what belongs to requests is `-`, or 0 for the status. */
export function formatConnectionLog(record: ConnectionRecord, local: string): string {
  const { endpoint, cluster, destination, peer, startMs, endMs = startMs } = record;
  const isPassed = endpoint !== undefined;
  return [
    `[${new Date(startMs).toISOString()}] "- - -" 0 ${record.flags} - ${record.details}`,
    `"${record.transportFailure}" ${record.received.total} ${record.sent.total} ${Math.round(endMs - startMs)} - "-" "-" "-" "-"`,
    `"${isPassed ? `${endpoint.ip}:${endpoint.port}` : '-'}" ${cluster ? record.clusterName : '-'}`,
    `${isPassed ? local : '-'} ${destination.ip}:${destination.port} ${peer.ip}:${peer.port}`,
    `${record.serverName ?? '-'} -`,
  ].join(' ');
}

/** A connection that no filter chain is for: plain text where the listener wants mutual TLS. */
export function formatRefusedConnection(atMs: number, peer: Peer, destination: Peer): string {
  const [to, from] = [destination, peer].map(({ ip, port }) => `${ip}:${port}`);
  return `[${new Date(atMs).toISOString()}] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - ${to} ${from} - -`;
}
