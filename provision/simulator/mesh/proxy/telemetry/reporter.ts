import type { Peer } from '../../../net/http.ts';
import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ContainerContext } from '../../../programs/program.ts';
import type { ProxyNode } from '../../pilot/node.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { Direction } from '../../xds/listener.ts';
import type { FinishedStream, HttpStream } from '../http/stream.ts';
import type { ConnectionRecord } from '../tcp/connection-record.ts';
import { INBOUND_SOURCE_IP } from '../upstream/delivery.ts';
import { accessLogsFor } from './access-log.ts';
import { ConnectionMetrics } from './connection-metrics.ts';
import { connectionEntry, type LogEntry, refusedEntry, requestEntry } from './log-entry.ts';
import { MetricSeries } from './metric-series.ts';
import { recordRequest } from './request-metrics.ts';
import { Statistics } from './statistics.ts';
import { Tracer } from './tracing/tracer.ts';

const FIRST_PORT = 32_768;
const PORTS = 28_000;

/** What a proxy tells of each request and connection that has passed: metrics, and access logs where somebody wants them. */
export class Reporter implements Disposable {
  readonly metrics = new MetricSeries();
  readonly statistics = new Statistics();
  readonly #connections: ConnectionMetrics;
  readonly #container: ContainerContext;
  readonly #workload: WorkloadMetadata;
  readonly #tracer: Tracer;
  #port = 0;

  constructor(container: ContainerContext, node: ProxyNode, workload: WorkloadMetadata) {
    this.#container = container;
    this.#workload = workload;
    this.#tracer = new Tracer(container, { node, workload, env: container.env });
    this.#connections = new ConnectionMetrics(this.metrics, workload);
  }

  /** A request has come in: decides whether it is traced, and says so in its headers. */
  begin(stream: HttpStream, configuration: ProxyConfiguration): void {
    this.#tracer.begin(stream, configuration);
  }

  report(finished: FinishedStream, configuration: ProxyConfiguration): void {
    const { direction } = finished.stream.manager;
    this.statistics.countRequest(finished.stream, finished.answer.response.status);
    let made: LogEntry | undefined;
    const entry = () => (made ??= requestEntry(finished, this.#local(direction)));
    recordRequest(finished, this.#workload, { metrics: this.metrics, configuration, entry });
    this.#tracer.end(finished, entry);
    this.#log(direction, configuration, entry);
  }

  opened(record: ConnectionRecord, configuration: ProxyConfiguration | undefined): void {
    if (configuration) this.#connections.opened(record, configuration);
  }

  ended(record: ConnectionRecord, configuration: ProxyConfiguration | undefined): void {
    if (!configuration) return;
    this.#connections.ended(record, configuration);
    const { direction } = record;
    this.#log(direction, configuration, () => connectionEntry(record, this.#local(direction)));
  }

  /** A connection that no chain of the listener is for: plain text where mutual TLS is wanted. */
  refused(peer: Peer, destination: Peer, configuration: ProxyConfiguration | undefined): void {
    if (!configuration) return;
    const nowMs = this.#container.clock.now();
    this.#log('INBOUND', configuration, () => refusedEntry(nowMs, peer, destination));
  }

  /** Sets all counters to zero. */
  reset(): void {
    this.statistics.reset();
    this.metrics.resetCounters();
  }

  /** Brings the metrics up to now: bytes of connections that last. */
  update(): void {
    this.#connections.update(this.#container.clock.now());
  }

  [Symbol.dispose](): void {
    this.#tracer[Symbol.dispose]();
  }

  #log(direction: Direction, configuration: ProxyConfiguration, entry: () => LogEntry): void {
    for (const { path, format, isWanted } of accessLogsFor(configuration, direction)) {
      const isSeen = path === '/dev/stdout' || path === '/dev/stderr';
      if (isSeen && isWanted(entry())) this.#container.log(format(entry()));
    }
  }

  /** This side of a connection to an upstream; simulated connections have no ports of their own. */
  #local(direction: Direction): Peer {
    this.#port = (this.#port + 2) % PORTS;
    const ip = direction === 'INBOUND' ? INBOUND_SOURCE_IP : this.#container.network.ip;
    return { ip, port: FIRST_PORT + this.#port };
  }
}
