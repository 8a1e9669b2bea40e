import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ContainerContext } from '../../../programs/program.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { FinishedStream, HttpStream } from '../http/stream.ts';
import { type AccessLogEntry, formatAccessLog } from './access-log.ts';
import { RequestMetrics } from './request-metrics.ts';

const FIRST_PORT = 32_768;
const PORTS = 28_000;

/** What a proxy tells of each request that has passed: metrics, and an access log where the mesh wants one. */
export class Reporter {
  readonly metrics = new RequestMetrics();
  readonly #container: ContainerContext;
  readonly #workload: WorkloadMetadata;
  #port = 0;

  constructor(container: ContainerContext, workload: WorkloadMetadata) {
    this.#container = container;
    this.#workload = workload;
  }

  report(finished: FinishedStream, configuration: ProxyConfiguration): void {
    const { stream, answer, durationMs } = finished;
    const isInbound = stream.manager.direction === 'INBOUND';
    this.metrics.record({
      reporter: isInbound ? 'destination' : 'source',
      source: isInbound ? stream.peer.workload : this.#workload,
      destination: isInbound ? this.#workload : stream.endpoint?.workload,
      service: serviceOf(stream, configuration),
      code: answer.response.status,
      flags: answer.flags,
      isMutualTls: isInbound
        ? stream.peer.identity !== undefined
        : (stream.endpoint?.hasSidecar ?? false),
      durationMs,
      requestBytes: stream.request.body.length,
      responseBytes: answer.response.body.length,
    });
    if (configuration.mesh.config.accessLogFile !== '/dev/stdout') return;
    this.#container.log(formatAccessLog(this.#entryOf(finished)));
  }

  #entryOf({ stream, answer, durationMs }: FinishedStream): AccessLogEntry {
    const { endpoint, peer, destination } = stream;
    const isInbound = stream.manager.direction === 'INBOUND';
    const local = isInbound ? '127.0.0.6' : this.#container.network.ip;
    return {
      startMs: stream.startMs,
      request: stream.request,
      path: stream.originalPath,
      code: answer.response.status,
      flags: answer.flags,
      details: answer.details,
      responseBytes: answer.response.body.length,
      durationMs,
      upstreamMs: stream.upstreamMs,
      upstreamHost: endpoint ? `${endpoint.ip}:${endpoint.port}` : '-',
      upstreamLocal: endpoint ? `${local}:${this.#nextPort()}` : '-',
      upstreamCluster: stream.cluster ? stream.clusterName : '-',
      downstreamLocal: `${destination.ip}:${destination.port}`,
      downstreamRemote: `${peer.ip}:${peer.port}`,
      serverName: peer.serverName ?? '-',
      routeName: stream.route?.name || '-',
    };
  }

  /** A port on this side of a connection; simulated connections have none. */
  #nextPort(): number {
    this.#port = (this.#port + 2) % PORTS;
    return FIRST_PORT + this.#port;
  }
}

/** Full name of the service that was meant, or what stands in its place. */
function serviceOf(stream: HttpStream, configuration: ProxyConfiguration): string {
  if (stream.manager.direction === 'OUTBOUND') {
    return stream.cluster ? stream.cluster.host || stream.cluster.name : 'unknown';
  }
  const service = configuration.inboundPort(stream.destination.port)?.service;
  return service?.host ?? 'InboundPassthroughCluster';
}
