import type { Labels } from '../../kinds/object.ts';
import type { WorkloadMetadata } from '../../net/network.ts';

/** Where an endpoint stands (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto, Locality). */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** One address behind a cluster (Envoy's LbEndpoint). */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  readonly labels: Labels;
  /** Known for pods; what metrics say of the destination. */
  readonly workload: WorkloadMetadata | undefined;
  /** Whether a proxy of the mesh answers there, that takes mutual TLS (label security.istio.io/tlsMode). */
  readonly hasSidecar: boolean;
  readonly locality?: Locality;
  /** Default 1. */
  readonly weight?: number;
  /** Default HEALTHY. */
  readonly health?: 'HEALTHY' | 'UNHEALTHY' | 'DRAINING';
}
