import type { Labels } from '../../kinds/object.ts';
import type { Pod, Service, ServicePort } from '../../kinds/types/core.ts';
import type { WorkloadMetadata } from '../../net/network.ts';
import type { DestinationRule, Gateway, TrafficPolicy, VirtualService } from '../istio/types.ts';

/** One pod behind a service port. */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  readonly labels: Labels;
  /** Known for pods; what metrics say of the destination. */
  readonly workload: WorkloadMetadata | undefined;
  readonly hasSidecar: boolean;
}

export interface MeshPort {
  readonly port: ServicePort;
  readonly isHttp: boolean;
  readonly endpoints: readonly Endpoint[];
}

export interface MeshService {
  /** `reviews.default.svc.cluster.local` */
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly clusterIp: string | undefined;
  readonly ports: readonly MeshPort[];
}

/** The mesh at one moment: what every proxy's configuration is made from. Never changed; a change makes a new one. */
export interface MeshSnapshot {
  /** Grows by one with each change. */
  readonly version: number;
  readonly services: ReadonlyMap<string, MeshService>;
  /** VirtualServices, oldest first. */
  readonly virtualServices: readonly VirtualService[];
  /** Rules by full host name, merged. */
  readonly rules: ReadonlyMap<string, HostRule>;
  readonly gateways: readonly Gateway[];
  readonly accessLogFile: string;
}

/** All DestinationRules of one host: subsets by name are added, the oldest rule's policy counts. */
export interface HostRule {
  readonly policy: TrafficPolicy | undefined;
  readonly subsets: ReadonlyMap<
    string,
    { readonly labels: Labels; readonly policy: TrafficPolicy | undefined }
  >;
}

/** The full name of a host as written in an object of `namespace`: short names belong to that namespace. */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*')
    ? host
    : `${host}.${namespace}.svc.cluster.local`;
}

/** Whether a wildcard stands for a host: `*.local` for all that end in `.local`. */
export function covers(pattern: string, host: string): boolean {
  return pattern.startsWith('*') && host.endsWith(pattern.slice(1));
}

/** Whether a service port carries HTTP: by appProtocol, else by the port's name (Istio's page "Protocol Selection"). */
export function isHttpPort(port: ServicePort): boolean {
  const protocol = (port.appProtocol ?? port.name ?? '').toLowerCase();
  return (
    /^(http|http2|grpc|grpc-web)(-|$)/.test(protocol) ||
    !/^(tcp|tls|https|mongo|mysql|redis|udp)(-|$)/.test(protocol)
  );
}

export function mergeRules(rules: readonly DestinationRule[]): ReadonlyMap<string, HostRule> {
  const merged = new Map<string, HostRule>();
  for (const rule of rules) {
    const host = fullHost(rule.spec?.host ?? '', rule.metadata.namespace ?? 'default');
    const old = merged.get(host);
    const subsets = new Map(old?.subsets);
    for (const subset of rule.spec?.subsets ?? []) {
      if (!subsets.has(subset.name)) {
        subsets.set(subset.name, { labels: subset.labels ?? {}, policy: subset.trafficPolicy });
      }
    }
    merged.set(host, { policy: old ? old.policy : rule.spec?.trafficPolicy, subsets });
  }
  return merged;
}

/** What Istio's proxies say of a pod (canonical names, workload). */
export function workloadOf(pod: Pod): WorkloadMetadata {
  const labels = pod.metadata.labels ?? {};
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  const hash = labels['pod-template-hash'];
  const ownerName = owner?.name ?? pod.metadata.name;
  const workload =
    hash && ownerName.endsWith(`-${hash}`) ? ownerName.slice(0, -hash.length - 1) : ownerName;
  return {
    podName: pod.metadata.name,
    namespace: pod.metadata.namespace ?? 'default',
    workload,
    app: labels['service.istio.io/canonical-name'] ?? labels['app'] ?? workload,
    version: labels['service.istio.io/canonical-revision'] ?? labels['version'] ?? 'latest',
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
  };
}

/** What a workload's certificate says it is. */
export function identityOf({ namespace, serviceAccount }: WorkloadMetadata): string {
  return `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`;
}

/** Oldest first, then by name: the order in which Istio resolves conflicts. */
export function byAge(
  a: VirtualService | DestinationRule | Gateway | Service,
  b: VirtualService | DestinationRule | Gateway | Service,
): number {
  const age = a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp);
  return age === 0 ? a.metadata.name.localeCompare(b.metadata.name) : age;
}
