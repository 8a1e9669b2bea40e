import type { KubeObject, Labels } from '../../../kinds/object.ts';
import type { Secret, Service } from '../../../kinds/types/core.ts';
import type { ServiceEntry } from '../../istio/service-entry.ts';
import type {
  GatewayClass,
  KubernetesGateway,
  KubernetesGrpcRoute,
  KubernetesHttpRoute,
  KubernetesL4Route,
  ReferenceGrant,
} from './kinds.ts';

/** Everything of the cluster that the Gateway API is translated from; lists are oldest first. */
export interface GatewayApiObjects {
  readonly classes: readonly GatewayClass[];
  readonly gateways: readonly KubernetesGateway[];
  readonly httpRoutes: readonly KubernetesHttpRoute[];
  readonly grpcRoutes: readonly KubernetesGrpcRoute[];
  readonly tcpRoutes: readonly KubernetesL4Route[];
  readonly tlsRoutes: readonly KubernetesL4Route[];
  readonly grants: readonly ReferenceGrant[];
  readonly services: readonly Service[];
  readonly serviceEntries: readonly ServiceEntry[];
  readonly secrets: readonly Secret[];
  readonly namespaceLabels: ReadonlyMap<string, Labels>;
  /** Whether istiod was started with PILOT_ENABLE_ALPHA_GATEWAY_API=true. */
  readonly allowsAlpha: boolean;
}

/** Tells the object of a name in a namespace from others of its kind. */
export function isNamed(name: string, namespace: string): (object: KubeObject) => boolean {
  return ({ metadata }) => metadata.name === name && metadata.namespace === namespace;
}
