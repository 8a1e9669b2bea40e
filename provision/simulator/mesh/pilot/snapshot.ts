import type { KubeObject, Labels } from '../../kinds/object.ts';
import type { Secret } from '../../kinds/types/core.ts';
import type { DestinationRule } from '../istio/destination-rule.ts';
import type { EnvoyFilter } from '../istio/envoy-filter.ts';
import type { Gateway } from '../istio/gateway.ts';
import type {
  AuthorizationPolicy,
  JwtRule,
  PeerAuthentication,
  RequestAuthentication,
} from '../istio/security.ts';
import type { Sidecar } from '../istio/sidecar.ts';
import type { Telemetry } from '../istio/telemetry.ts';
import type { VirtualService } from '../istio/virtual-service.ts';
import type { Locality } from '../xds/endpoint.ts';
import type { Authority } from './ca/authority.ts';
import type { Translation } from './gateway-api/translate.ts';
import type { MeshConfig } from './mesh-config.ts';
import type { MeshService } from './registry/service.ts';

/**
 * The mesh at one moment: what every proxy's configuration is made from (istiod's push context). Never changed; a change
 * makes a new one. All lists of objects are oldest first, the order in which Istio resolves conflicts.
 */
export interface MeshSnapshot {
  /** Grows by one with each change. */
  readonly version: number;
  readonly config: MeshConfig;
  /** The same object from snapshot to snapshot as long as services (but for their endpoints), rules and settings are the same. */
  readonly shapes: object;
  /** The same object as long as routes are the same as well: nothing but endpoints or security has changed. */
  readonly routing: object;
  readonly services: readonly MeshService[];
  /** Where the pod with an address stands; undefined where its node does not say. */
  readonly localityOf?: (ip: string) => Locality | undefined;
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly gateways: readonly Gateway[];
  readonly sidecars: readonly Sidecar[];
  readonly envoyFilters: readonly EnvoyFilter[];
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly requestAuthentications: readonly RequestAuthentication[];
  readonly authorizationPolicies: readonly AuthorizationPolicy[];
  readonly telemetries: readonly Telemetry[];
  /** What the Gateway API has become. */
  readonly gatewayApi: Translation;
  /** Labels of namespaces, by name. */
  readonly namespaceLabels: ReadonlyMap<string, Labels>;
  /** A Secret with a gateway's certificates, as it is now. */
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  /** The keys of an identity provider, as fetched; undefined while they are on their way, or where nobody fetches. */
  readonly jwks?: ((rule: JwtRule) => string | undefined) | undefined;
  /** Who signs the certificates of workloads; undefined while istiod starts, or where nobody does. */
  readonly authority?: (() => Authority | undefined) | undefined;
  /** Share of requests that are traced where nothing else says, in percent (PILOT_TRACE_SAMPLING); default 1. */
  readonly traceSampling?: number | undefined;
}

/** Oldest first, then by name and namespace. */
export function byAge(a: KubeObject, b: KubeObject): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '')
  );
}

/** Namespace and name as Istio's messages have them: `reviews.default`. */
export function nameOf({ metadata }: KubeObject): string {
  return `${metadata.name}.${metadata.namespace ?? 'default'}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
