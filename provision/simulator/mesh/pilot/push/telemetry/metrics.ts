import { objectAt, textsAt } from '../../../../kinds/json.ts';
import type { MetricsOverride, MetricsRule } from '../../../istio/telemetry.ts';
import type { Direction } from '../../../xds/listener.ts';
import type { ProxyConfiguration } from '../proxy-configuration.ts';
import { inMode, telemetriesFor } from './attached.ts';
import { providerNamed } from './providers.ts';

/** What Telemetry says of one of Istio's metrics in one direction. */
export interface MetricChange {
  readonly isDisabled: boolean;
  /** Labels by name: CEL for their values, undefined to leave them out. */
  readonly tags: ReadonlyMap<string, string | undefined>;
}

/** Metrics of the Telemetry API, by what Prometheus calls them. */
export const METRIC_NAMES = {
  REQUEST_COUNT: 'istio_requests_total',
  REQUEST_DURATION: 'istio_request_duration_milliseconds',
  REQUEST_SIZE: 'istio_request_bytes',
  RESPONSE_SIZE: 'istio_response_bytes',
  GRPC_REQUEST_MESSAGES: 'istio_request_messages_total',
  GRPC_RESPONSE_MESSAGES: 'istio_response_messages_total',
  TCP_OPENED_CONNECTIONS: 'istio_tcp_connections_opened_total',
  TCP_CLOSED_CONNECTIONS: 'istio_tcp_connections_closed_total',
  TCP_SENT_BYTES: 'istio_tcp_sent_bytes_total',
  TCP_RECEIVED_BYTES: 'istio_tcp_received_bytes_total',
} as const;

export type MetricId = keyof typeof METRIC_NAMES;

/**
 * What the Telemetry objects of a proxy change of its metrics for Prometheus, by the metric's id; undefined when no provider takes
 * metrics (https://istio.io/latest/docs/tasks/observability/metrics/telemetry-api/).
 */
export function metricChanges(
  configuration: ProxyConfiguration,
  direction: Direction,
): ReadonlyMap<string, MetricChange> | undefined {
  const rules = telemetriesFor(configuration).flatMap(({ spec }) => spec?.metrics ?? []);
  if (!sendsToPrometheus(rules, configuration)) return undefined;
  const changes = new Map<string, MetricChange>();
  for (const override of rules.flatMap(({ overrides }) => overrides ?? [])) {
    if (!inMode(override.match?.mode, direction)) continue;
    for (const id of metricsIn(override)) changes.set(id, refined(changes.get(id), override));
  }
  return changes;
}

function metricsIn({ match }: MetricsOverride): readonly string[] {
  const wanted = match?.metric ?? match?.customMetric ?? 'ALL_METRICS';
  return wanted === 'ALL_METRICS' ? Object.keys(METRIC_NAMES) : [wanted];
}

function refined(
  { isDisabled, tags }: MetricChange = { isDisabled: false, tags: new Map() },
  { disabled, tagOverrides = {} }: MetricsOverride,
): MetricChange {
  const own = Object.entries(tagOverrides).map(([name, { operation, value }]) => {
    return [name, operation === 'REMOVE' ? undefined : value] as const;
  });
  return { isDisabled: disabled ?? isDisabled, tags: new Map([...tags, ...own]) };
}

/** The last rule that names providers counts; else the mesh's own word, Prometheus by default. */
function sendsToPrometheus(rules: readonly MetricsRule[], { mesh }: ProxyConfiguration): boolean {
  const { written } = mesh.config;
  const named = rules.findLast(({ providers = [] }) => providers.length > 0)?.providers;
  const defaults = textsAt(written, 'defaultProviders', 'metrics');
  const names =
    named?.map(({ name = '' }) => name) ?? (defaults.length > 0 ? defaults : ['prometheus']);
  return names.some((name) => {
    const provider = providerNamed(name, written);
    return provider ? 'prometheus' in objectAt(provider) : name === 'prometheus';
  });
}
