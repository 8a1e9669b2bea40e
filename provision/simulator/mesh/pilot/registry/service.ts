import type { Labels } from '../../../kinds/object.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { Protocol } from './protocol.ts';

/** One port of a service of the mesh. */
export interface MeshPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  readonly endpoints: readonly Endpoint[];
}

/** How clients find a service's endpoints (Istio's Resolution). */
export type Resolution = 'CLIENT_SIDE' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS' | 'PASSTHROUGH';

/** A service that proxies know, from a Kubernetes Service or a ServiceEntry. */
export interface MeshService {
  /** `reviews.default.svc.cluster.local`, `*.wikipedia.org` */
  readonly host: string;
  /** Name in telemetry. */
  readonly name: string;
  readonly namespace: string;
  readonly source: 'Kubernetes' | 'ServiceEntry';
  /** Addresses that clients connect to; none for headless services. `10.0.0.0/8` for ranges. */
  readonly addresses: readonly string[];
  readonly resolution: Resolution;
  /** Names behind a service that is resolved by DNS, with their ports by the service's port number. */
  readonly names?: readonly {
    readonly name: string;
    readonly ports: Readonly<Record<number, number>>;
    readonly labels: Labels;
  }[];
  /** Other host names for the same, of Services of type ExternalName. */
  readonly aliases?: readonly string[];
  /** Address that istiod has allotted to a host without one; proxies know it when they answer DNS for their pods. */
  readonly allotted?: string;
  /** Names that a server's certificate has to bear when TLS is originated. */
  readonly subjectAltNames?: readonly string[];
  readonly isExternal: boolean;
  /** Namespaces that may see it: `*`, `.` or names; empty: the mesh's default. */
  readonly exportTo: readonly string[];
  readonly ports: readonly MeshPort[];
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Whether clients choose a pod of a Kubernetes Service themselves. */
export function isHeadless({ source, resolution }: MeshService): boolean {
  return source === 'Kubernetes' && resolution === 'PASSTHROUGH';
}
