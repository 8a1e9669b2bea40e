import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import { identityOf } from '../../pilot/registry/workload.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Direction } from '../../xds/listener.ts';

/** The service that a request is for, as metrics name it. */
export interface ServiceLabels {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

/** What Istio's standard metrics are labelled by (https://istio.io/latest/docs/reference/config/metrics/). */
export interface MetricFacts {
  readonly direction: Direction;
  readonly source: WorkloadMetadata | undefined;
  readonly destination: WorkloadMetadata | undefined;
  readonly service: ServiceLabels;
  readonly isMutualTls: boolean;
  readonly protocol: 'http' | 'grpc' | 'tcp';
  /** undefined for connections. */
  readonly code: number | undefined;
  /** Empty for what is not gRPC. */
  readonly grpcStatus: string;
  /** `-` for none. */
  readonly flags: string;
}

/** Name and value, in the order in which Istio's proxies write them. */
export function labelsOf(facts: MetricFacts): Map<string, string> {
  const isInbound = facts.direction === 'INBOUND';
  const policy = isInbound ? (facts.isMutualTls ? 'mutual_tls' : 'none') : UNKNOWN;
  const { service } = facts;
  return new Map([
    ['reporter', isInbound ? 'destination' : 'source'],
    ...sourceLabels(facts),
    ...destinationLabels(facts),
    ['destination_service_name', service.name],
    ['destination_service_namespace', service.namespace],
    ['destination_cluster', facts.destination ? CLUSTER : UNKNOWN],
    ['request_protocol', facts.protocol],
    ...requestLabels(facts),
    ['response_flags', facts.flags],
    ['connection_security_policy', policy],
  ]);
}

/** `a="b",c="d"` */
export function labelText(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([name, value]) => `${name}="${escaped(value)}"`).join(',');
}

/**
 * The service of an outbound request: that of its cluster; where there is none, the host that was asked for, under the name of the
 * cluster that takes what nobody knows.
 */
export function outboundService(
  cluster: Cluster | undefined,
  { mesh }: ProxyConfiguration,
  asked: { readonly host: string; readonly virtualHost: string | undefined },
): ServiceLabels {
  if (cluster && cluster.host !== '') {
    const known = mesh.services.find(({ host }) => host === cluster.host);
    return {
      host: cluster.host,
      name: known ? (known.source === 'ServiceEntry' ? known.host : known.name) : cluster.host,
      namespace: known?.namespace ?? UNKNOWN,
    };
  }
  const name = cluster?.name ?? UNMATCHED[asked.virtualHost ?? ''] ?? UNKNOWN;
  return { host: asked.host || UNKNOWN, name, namespace: UNKNOWN };
}

/** The service of a port of the pod. */
export function inboundService(port: number, configuration: ProxyConfiguration): ServiceLabels {
  return configuration.inboundPort(port)?.service ?? NO_SERVICE;
}

const UNKNOWN = 'unknown';
const NO_SERVICE: ServiceLabels = {
  host: UNKNOWN,
  name: 'InboundPassthroughCluster',
  namespace: UNKNOWN,
};
/** The mesh's name of the only cluster there is. */
const CLUSTER = 'Kubernetes';
const UNMATCHED: Readonly<Record<string, string>> = {
  block_all: 'BlackHoleCluster',
  allow_any: 'PassthroughCluster',
};

type Labels = readonly (readonly [string, string])[];

function sourceLabels({ source, isMutualTls }: MetricFacts): Labels {
  return [
    ['source_workload', source?.workload ?? UNKNOWN],
    ['source_canonical_service', source?.app ?? UNKNOWN],
    ['source_canonical_revision', source?.version ?? 'latest'],
    ['source_workload_namespace', source?.namespace ?? UNKNOWN],
    ['source_principal', principalOf(source, isMutualTls)],
    ['source_app', source?.app ?? UNKNOWN],
    ['source_version', versionOf(source)],
    ['source_cluster', source ? CLUSTER : UNKNOWN],
  ];
}

function destinationLabels({ destination, isMutualTls, service }: MetricFacts): Labels {
  return [
    ['destination_workload', destination?.workload ?? UNKNOWN],
    ['destination_workload_namespace', destination?.namespace ?? UNKNOWN],
    ['destination_principal', principalOf(destination, isMutualTls)],
    ['destination_app', destination?.app ?? UNKNOWN],
    ['destination_version', versionOf(destination)],
    ['destination_service', service.host],
    ['destination_canonical_service', destination?.app ?? UNKNOWN],
    ['destination_canonical_revision', destination?.version ?? 'latest'],
  ];
}

function requestLabels({ code, grpcStatus }: MetricFacts): Labels {
  if (code === undefined) return [];
  return [
    ['response_code', String(code)],
    ['grpc_response_status', grpcStatus],
  ];
}

function principalOf(workload: WorkloadMetadata | undefined, isMutualTls: boolean): string {
  return workload && isMutualTls ? identityOf(workload) : UNKNOWN;
}

/** Canonical revisions are `latest` without a label; the label itself is unknown then. */
function versionOf(workload: WorkloadMetadata | undefined): string {
  return !workload || workload.version === 'latest' ? UNKNOWN : workload.version;
}

function escaped(value: string): string {
  return value.replaceAll(/[\\"\n]/g, (character) =>
    character === '\n' ? '\\n' : `\\${character}`,
  );
}
