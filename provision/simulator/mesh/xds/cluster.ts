import type { PortTrafficPolicy } from '../istio/destination-rule.ts';
import type { Endpoint } from './endpoint.ts';

/** How Envoy finds the endpoints of a cluster (config.cluster.v3.Cluster.DiscoveryType). */
export type DiscoveryType =
  | 'EDS'
  | 'STATIC'
  | 'STRICT_DNS'
  | 'LOGICAL_DNS'
  | 'ORIGINAL_DST'
  /** Names are looked up request by request, by host or SNI (envoy.clusters.dynamic_forward_proxy). */
  | 'DYNAMIC_FORWARD_PROXY';

/** An upstream: the endpoints behind one port of a service, or of a subset of it, and how they are used. */
export interface Cluster {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local`, `inbound|9080||`, `PassthroughCluster` */
  readonly name: string;
  readonly type: DiscoveryType;
  /** Full host name of the service; empty for clusters that are of none. */
  readonly host: string;
  /** Port of the service, or of the workload for inbound clusters. */
  readonly port: number;
  /** Empty for the whole service. */
  readonly subset: string;
  readonly endpoints: readonly Endpoint[];
  /** Names that the proxy resolves itself, for the DNS types; each address is an endpoint with the given port. */
  readonly names?: readonly { readonly name: string; readonly port: number }[];
  /** The DestinationRule's settings for this port and subset, merged. */
  readonly policy: PortTrafficPolicy;
  /** `reviews.default`, the DestinationRule that says so; empty when none does. */
  readonly rule: string;
  /** Whether requests go on in HTTP/2: by the port's protocol, or because a rule upgrades them. Default false. */
  readonly isHttp2?: boolean;
  /** Whether the host is outside the mesh (ServiceEntry MESH_EXTERNAL). */
  readonly isExternal?: boolean;
}
