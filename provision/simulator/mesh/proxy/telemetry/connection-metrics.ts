import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { MetricId } from '../../pilot/push/telemetry/metrics.ts';
import type { ConnectionRecord } from '../tcp/connection-record.ts';
import { inboundService, type MetricFacts, outboundService } from './labels.ts';
import { OPEN_CONNECTIONS_LIMIT } from './limits.ts';
import { connectionEntry } from './log-entry.ts';
import type { MetricSeries, Series } from './metric-series.ts';

/** A connection that lasts, and how much of it has been counted. */
interface Counted {
  readonly series: Series;
  sentBytes: number;
  receivedBytes: number;
}

/**
 * Istio's metrics of byte streams (https://istio.io/latest/docs/reference/config/metrics/). Bytes of connections that last are added
 * when somebody looks, as far as they have been reported by then: no timer runs.
 */
export class ConnectionMetrics {
  readonly #metrics: MetricSeries;
  readonly #workload: WorkloadMetadata;
  readonly #open = new Map<ConnectionRecord, Counted>();

  constructor(metrics: MetricSeries, workload: WorkloadMetadata) {
    this.#metrics = metrics;
    this.#workload = workload;
  }

  opened(record: ConnectionRecord, configuration: ProxyConfiguration): void {
    const series = this.#begin(record, configuration);
    if (!series || this.#open.size >= OPEN_CONNECTIONS_LIMIT) return;
    this.#open.set(record, { series, sentBytes: 0, receivedBytes: 0 });
  }

  ended(record: ConnectionRecord, configuration: ProxyConfiguration): void {
    const counted = this.#open.get(record) ?? this.#unseen(record, configuration);
    this.#open.delete(record);
    if (!counted) return;
    count(counted, record.sent.total, record.received.total);
    add(counted.series, 'TCP_CLOSED_CONNECTIONS', 1);
  }

  /** Adds what connections that last have reported up to now. */
  update(nowMs: number): void {
    for (const [{ sent, received }, counted] of this.#open) {
      count(counted, sent.reported(nowMs), received.reported(nowMs));
    }
  }

  /** A connection that got nowhere, or one of too many: opened and closed are counted together. */
  #unseen(record: ConnectionRecord, configuration: ProxyConfiguration): Counted | undefined {
    const series = this.#begin(record, configuration);
    return series && { series, sentBytes: 0, receivedBytes: 0 };
  }

  #begin(record: ConnectionRecord, configuration: ProxyConfiguration): Series | undefined {
    const facts = factsOf(record, this.#workload, configuration);
    const entry = () => connectionEntry(record, record.destination);
    const series = this.#metrics.find(facts, TCP_METRICS, configuration, entry);
    if (series) add(series, 'TCP_OPENED_CONNECTIONS', 1);
    return series;
  }
}

const TCP_METRICS: readonly MetricId[] = [
  'TCP_OPENED_CONNECTIONS',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_SENT_BYTES',
  'TCP_RECEIVED_BYTES',
];

function count(counted: Counted, sentBytes: number, receivedBytes: number): void {
  add(counted.series, 'TCP_SENT_BYTES', sentBytes - counted.sentBytes);
  add(counted.series, 'TCP_RECEIVED_BYTES', receivedBytes - counted.receivedBytes);
  counted.sentBytes = sentBytes;
  counted.receivedBytes = receivedBytes;
}

function add({ counters }: Series, id: MetricId, amount: number): void {
  const counter = counters.get(id);
  if (counter) counter.value += amount;
}

function factsOf(
  record: ConnectionRecord,
  workload: WorkloadMetadata,
  configuration: ProxyConfiguration,
): MetricFacts {
  const { direction, peer, endpoint, cluster, destination } = record;
  const isInbound = direction === 'INBOUND';
  return {
    direction,
    source: isInbound ? peer.workload : workload,
    destination: isInbound ? workload : endpoint?.workload,
    service: isInbound
      ? inboundService(destination.port, configuration)
      : outboundService(cluster, configuration, { host: '', virtualHost: undefined }),
    isMutualTls: isInbound ? peer.identity !== undefined : record.isMutualTls,
    protocol: 'tcp',
    code: undefined,
    grpcStatus: '',
    flags: record.flags,
  };
}
