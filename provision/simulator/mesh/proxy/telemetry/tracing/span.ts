import type { WorkloadMetadata } from '../../../../net/network.ts';
import type { ProxyNode } from '../../../pilot/node.ts';
import type { TracingConfig } from '../../../pilot/push/telemetry/tracing.ts';
import type { FinishedStream } from '../../http/stream.ts';
import type { LogEntry } from '../log-entry.ts';
import { textFormat } from '../log-format.ts';
import { protocolOf } from '../protocol.ts';
import type { TraceContext } from './trace-context.ts';

/** One side of one request, as the provider gets it. */
export interface Span {
  readonly context: TraceContext;
  /** `reviews.default.svc.cluster.local:9080/*` */
  readonly operation: string;
  readonly kind: 'CLIENT' | 'SERVER';
  readonly startMs: number;
  readonly durationMs: number;
  /** In Envoy's order. */
  readonly tags: ReadonlyMap<string, string>;
}

/** The proxy that makes spans. */
export interface SpanOwner {
  readonly node: ProxyNode;
  readonly workload: WorkloadMetadata;
  /** The container's environment, for tags that are taken from it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Envoy's tags of a request, Istio's of the workload, and those that Telemetry adds. */
export function tagsOf(
  { stream, answer }: FinishedStream,
  entry: LogEntry,
  { config, owner }: { readonly config: TracingConfig; readonly owner: SpanOwner },
): ReadonlyMap<string, string> {
  const { request } = stream;
  const { node, workload } = owner;
  const header = (name: string) => request.headers.get(name);
  const scheme = header('x-forwarded-proto') ?? 'http';
  const { status } = answer.response;
  const tags = new Map([
    [
      'node_id',
      `${node.type}~${node.ip}~${node.name}.${node.namespace}~${node.namespace}.svc.cluster.local`,
    ],
    ['component', 'proxy'],
    ['guid:x-request-id', header('x-request-id') ?? ''],
    ['http.url', `${scheme}://${request.authority}${stream.originalPath}`],
    ['http.method', request.method],
    ['downstream_cluster', '-'],
    ['user_agent', header('user-agent') ?? '-'],
    ['http.protocol', protocolOf(entry) ?? '-'],
    ['peer.address', stream.peer.ip],
    ['request_size', String(request.body.length)],
    ['response_size', String(answer.response.body.length)],
    ['http.status_code', String(status)],
    ['response_flags', answer.flags],
  ]);
  if (stream.cluster) {
    tags.set('upstream_cluster', stream.clusterName);
    tags.set('upstream_cluster.name', `${stream.clusterName};`);
  }
  if (status >= 500 || status === 0) tags.set('error', 'true');
  if (config.addsIstioTags) {
    tags.set('istio.canonical_revision', workload.version);
    tags.set('istio.canonical_service', workload.app);
    tags.set('istio.mesh_id', 'cluster.local');
    tags.set('istio.namespace', workload.namespace);
    tags.set('istio.cluster_id', 'Kubernetes');
  }
  for (const [name, value] of customTags(entry, config, owner)) tags.set(name, value);
  return tags;
}

function customTags(
  entry: LogEntry,
  { customTags: wanted }: TracingConfig,
  { env }: SpanOwner,
): readonly (readonly [string, string])[] {
  return Object.entries(wanted).flatMap(([name, { literal, environment, header, formatter }]) => {
    const read = () => {
      if (literal) return literal.value;
      if (environment) return env[environment.name ?? ''] ?? environment.defaultValue;
      if (header) return entry.request?.headers.get(header.name ?? '') ?? header.defaultValue;
      return formatter?.value === undefined ? undefined : textFormat(formatter.value)(entry);
    };
    const value = read();
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
}
