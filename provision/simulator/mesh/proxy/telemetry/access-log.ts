import type { HttpRequest } from '../../../net/http.ts';

/** One finished request as Envoy logs it; `-` stands for what is not known. */
export interface AccessLogEntry {
  readonly startMs: number;
  readonly request: HttpRequest;
  /** As the caller wrote it. */
  readonly path: string;
  readonly code: number;
  readonly flags: string;
  readonly details: string;
  readonly responseBytes: number;
  readonly durationMs: number;
  readonly upstreamMs: number | undefined;
  readonly upstreamHost: string;
  readonly upstreamCluster: string;
  readonly upstreamLocal: string;
  readonly downstreamLocal: string;
  readonly downstreamRemote: string;
  readonly serverName: string;
  readonly routeName: string;
}

/** Istio's default text format (https://istio.io/latest/docs/tasks/observability/logs/access-log/). */
export function formatAccessLog(entry: AccessLogEntry): string {
  const { request } = entry;
  const header = (name: string) => request.headers.get(name) ?? '-';
  const upstreamMs = entry.upstreamMs === undefined ? '-' : Math.round(entry.upstreamMs);
  return [
    `[${new Date(entry.startMs).toISOString()}] "${request.method} ${entry.path} HTTP/1.1"`,
    `${entry.code} ${entry.flags} ${entry.details} - "-" ${request.body.length} ${entry.responseBytes}`,
    `${Math.round(entry.durationMs)} ${upstreamMs} "${header('x-forwarded-for')}" "${header('user-agent')}"`,
    `"${header('x-request-id')}" "${request.authority || '-'}" "${entry.upstreamHost}" ${entry.upstreamCluster}`,
    `${entry.upstreamLocal} ${entry.downstreamLocal} ${entry.downstreamRemote} ${entry.serverName} ${entry.routeName}`,
  ].join(' ');
}
