import type { HttpHeaders } from '../../../net/http.ts';
import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { MetricId } from '../../pilot/push/telemetry/metrics.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { FinishedStream, HttpStream } from '../http/stream.ts';
import { speaksMutualTls } from '../upstream/upstream.ts';
import { inboundService, type MetricFacts, outboundService, type ServiceLabels } from './labels.ts';
import type { LogEntry } from './log-entry.ts';
import type { MetricSeries } from './metric-series.ts';
import { countMessages, isGrpc } from './protocol.ts';

/** Counts a finished request in Istio's standard metrics (https://istio.io/latest/docs/reference/config/metrics/). */
export function recordRequest(
  finished: FinishedStream,
  workload: WorkloadMetadata,
  { metrics, configuration, entry }: MetricContext,
): void {
  const { stream, answer, durationMs } = finished;
  const isOfGrpc = isGrpc(stream.request.headers);
  const facts = factsOf(finished, workload, configuration);
  const series = metrics.find(facts, isOfGrpc ? GRPC_METRICS : HTTP_METRICS, configuration, entry);
  if (!series) return;
  const { counters, histograms } = series;
  const { request } = stream;
  const { response } = answer;
  add(counters.get('REQUEST_COUNT'), 1);
  histograms.get('REQUEST_DURATION')?.record(Math.round(durationMs));
  histograms
    .get('REQUEST_SIZE')
    ?.record(wireBytes(request.headers, request.method.length + request.path.length, request.body));
  histograms.get('RESPONSE_SIZE')?.record(wireBytes(response.headers, STATUS_BYTES, response.body));
  if (!isOfGrpc) return;
  add(counters.get('GRPC_REQUEST_MESSAGES'), countMessages(request.body));
  add(counters.get('GRPC_RESPONSE_MESSAGES'), countMessages(response.body));
}

/** What recording needs besides the request. */
export interface MetricContext {
  readonly metrics: MetricSeries;
  readonly configuration: ProxyConfiguration;
  readonly entry: () => LogEntry;
}

const HTTP_METRICS: readonly MetricId[] = [
  'REQUEST_COUNT',
  'REQUEST_DURATION',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
];
const GRPC_METRICS: readonly MetricId[] = [
  ...HTTP_METRICS,
  'GRPC_REQUEST_MESSAGES',
  'GRPC_RESPONSE_MESSAGES',
];

/** ` 200 OK` and what stands before it. */
const STATUS_BYTES = 6;

function add(counter: { value: number } | undefined, amount: number): void {
  if (counter) counter.value += amount;
}

function factsOf(
  { stream, answer }: FinishedStream,
  workload: WorkloadMetadata,
  configuration: ProxyConfiguration,
): MetricFacts {
  const { peer, endpoint, cluster, manager } = stream;
  const isInbound = manager.direction === 'INBOUND';
  const { response, flags } = answer;
  const isOfGrpc = isGrpc(stream.request.headers);
  return {
    direction: manager.direction,
    source: isInbound ? peer.workload : workload,
    destination: isInbound ? workload : endpoint?.workload,
    service: serviceOf(stream, configuration),
    isMutualTls: isInbound
      ? peer.identity !== undefined
      : cluster !== undefined && endpoint !== undefined && speaksMutualTls(cluster, endpoint),
    protocol: isOfGrpc ? 'grpc' : 'http',
    code: response.status,
    grpcStatus: isOfGrpc ? (response.headers.get('grpc-status') ?? '') : '',
    flags,
  };
}

const outbound = new WeakMap<Cluster, ServiceLabels>();

function serviceOf(stream: HttpStream, configuration: ProxyConfiguration): ServiceLabels {
  const { cluster, destination, request, virtualHost } = stream;
  if (stream.manager.direction === 'INBOUND') {
    return inboundService(destination.port, configuration);
  }
  const known = cluster && outbound.get(cluster);
  if (known) return known;
  const asked = { host: request.authority, virtualHost: virtualHost?.name };
  const labels = outboundService(cluster, configuration, asked);
  if (cluster && cluster.host !== '') outbound.set(cluster, labels);
  return labels;
}

/** Bytes of a message on the wire in HTTP/1.1: its first line, its headers, its body. */
function wireBytes(headers: HttpHeaders, firstLine: number, body: Uint8Array): number {
  const { count, characters } = headers.measure();
  return firstLine + LINE_BYTES + characters + count * HEADER_BYTES + body.length;
}

/** ` HTTP/1.1`, spaces, the end of the line and the empty line after the headers. */
const LINE_BYTES = 14;
/** `: ` and the end of the line. */
const HEADER_BYTES = 4;
