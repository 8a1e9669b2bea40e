import type { WorkloadMetadata } from '../../../net/network.ts';
import { identityOf } from '../../pilot/registry/workload.ts';

/** Bounds of Istio's histograms (https://istio.io/latest/docs/reference/config/metrics/), also for bytes. */
const BOUNDS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
] as const;

/** What is known of one finished request. */
export interface RequestFacts {
  readonly reporter: 'source' | 'destination';
  readonly source: WorkloadMetadata | undefined;
  readonly destination: WorkloadMetadata | undefined;
  /** Full host name of the service, or what stands in its place. */
  readonly service: string;
  readonly code: number;
  /** `-` for none. */
  readonly flags: string;
  readonly isMutualTls: boolean;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

interface Series {
  readonly labels: string;
  count: number;
  readonly duration: Histogram;
  readonly requestBytes: Histogram;
  readonly responseBytes: Histogram;
}

/** One proxy's counters in Istio's standard form. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();

  record(facts: RequestFacts): void {
    const key = `${facts.reporter}|${facts.source?.podName ?? ''}|${facts.destination?.podName ?? ''}|${facts.service}|${facts.code}|${facts.flags}|${facts.isMutualTls}`;
    let series = this.#series.get(key);
    if (!series) {
      series = {
        labels: labelsOf(facts),
        count: 0,
        duration: new Histogram(),
        requestBytes: new Histogram(),
        responseBytes: new Histogram(),
      };
      this.#series.set(key, series);
    }
    series.count++;
    series.duration.record(facts.durationMs);
    series.requestBytes.record(facts.requestBytes);
    series.responseBytes.record(facts.responseBytes);
  }

  /** Prometheus' text format. */
  expose(): string {
    const all = [...this.#series.values()];
    if (all.length === 0) return '';
    return [
      '# TYPE istio_requests_total counter\n',
      ...all.map(({ labels, count }) => `istio_requests_total{${labels}} ${count}\n`),
      '# TYPE istio_request_duration_milliseconds histogram\n',
      ...all.map(({ labels, duration }) =>
        duration.expose('istio_request_duration_milliseconds', labels),
      ),
      '# TYPE istio_request_bytes histogram\n',
      ...all.map(({ labels, requestBytes }) => requestBytes.expose('istio_request_bytes', labels)),
      '# TYPE istio_response_bytes histogram\n',
      ...all.map(({ labels, responseBytes }) =>
        responseBytes.expose('istio_response_bytes', labels),
      ),
    ].join('');
  }
}

class Histogram {
  readonly #buckets = new Uint32Array(BOUNDS.length + 1);
  #sum = 0;
  #count = 0;

  record(value: number): void {
    const at = BOUNDS.findIndex((bound) => value <= bound);
    const index = at < 0 ? BOUNDS.length : at;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#sum += value;
    this.#count++;
  }

  expose(name: string, labels: string): string {
    let total = 0;
    const lines = [...BOUNDS, '+Inf'].map((bound, index) => {
      total += this.#buckets[index] ?? 0;
      return `${name}_bucket{${labels},le="${bound}"} ${total}\n`;
    });
    return `${lines.join('')}${name}_sum{${labels}} ${this.#sum}\n${name}_count{${labels}} ${this.#count}\n`;
  }
}

function labelsOf(facts: RequestFacts): string {
  const name = facts.service.split('.')[0] ?? facts.service;
  const namespace = facts.destination?.namespace ?? facts.service.split('.')[1] ?? 'unknown';
  const isKnown = facts.service.includes('.');
  const policy =
    facts.reporter === 'source' ? 'unknown' : facts.isMutualTls ? 'mutual_tls' : 'none';
  const labels: readonly (readonly [string, string])[] = [
    ['reporter', facts.reporter],
    ...peerLabels('source', facts.source, facts.isMutualTls),
    ...peerLabels('destination', facts.destination, facts.isMutualTls),
    ['destination_service', facts.service],
    ['destination_service_name', name],
    ['destination_service_namespace', isKnown ? namespace : 'unknown'],
    ['request_protocol', 'http'],
    ['response_code', String(facts.code)],
    ['grpc_response_status', ''],
    ['response_flags', facts.flags],
    ['connection_security_policy', policy],
  ];
  return labels.map(([key, value]) => `${key}="${value}"`).join(',');
}

const UNKNOWN: WorkloadMetadata = {
  podName: '',
  namespace: 'unknown',
  workload: 'unknown',
  app: 'unknown',
  version: 'unknown',
  serviceAccount: '',
};

function peerLabels(
  side: 'source' | 'destination',
  peer: WorkloadMetadata = UNKNOWN,
  isMutualTls = false,
): readonly (readonly [string, string])[] {
  const isKnown = peer !== UNKNOWN;
  return [
    [`${side}_workload`, peer.workload],
    [`${side}_workload_namespace`, peer.namespace],
    [`${side}_principal`, isKnown && isMutualTls ? identityOf(peer) : 'unknown'],
    [`${side}_app`, peer.app],
    [`${side}_version`, peer.version],
    [`${side}_cluster`, isKnown ? 'Kubernetes' : 'unknown'],
    [`${side}_canonical_service`, peer.app],
    [`${side}_canonical_revision`, isKnown ? peer.version : 'latest'],
  ];
}
