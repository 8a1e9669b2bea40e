/** Kinds of the Gateway API that istiod looks at (https://gateway-api.sigs.k8s.io/reference/spec/). */
import type { Resource } from '../../../client/client.ts';
import type { KubeObject, Labels } from '../../../kinds/object.ts';
import type { LabelSelector } from '../../../kinds/types/apps.ts';
import type { Condition } from '../../../kinds/types/core.ts';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

export interface GatewayClass extends KubeObject {
  readonly spec?: { readonly controllerName?: string; readonly description?: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface RouteKind {
  readonly group?: string;
  readonly kind: string;
}

export interface ObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface ListenerTls {
  readonly mode?: 'Terminate' | 'Passthrough';
  readonly certificateRefs?: readonly ObjectReference[];
  readonly options?: Labels;
}

export interface GatewayListener {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: ListenerTls;
  readonly allowedRoutes?: {
    readonly namespaces?: {
      readonly from?: 'All' | 'Same' | 'Selector' | 'None';
      readonly selector?: LabelSelector;
    };
    readonly kinds?: readonly RouteKind[];
  };
}

export interface ListenerStatus {
  readonly name: string;
  readonly attachedRoutes: number;
  readonly supportedKinds: readonly RouteKind[];
  readonly conditions: readonly Condition[];
}

export interface GatewayAddress {
  readonly type?: string;
  readonly value: string;
}

export interface KubernetesGateway extends KubeObject {
  readonly spec?: {
    readonly gatewayClassName?: string;
    readonly listeners?: readonly GatewayListener[];
    readonly addresses?: readonly GatewayAddress[];
    readonly infrastructure?: { readonly labels?: Labels; readonly annotations?: Labels };
  };
  readonly status?: {
    readonly addresses?: readonly GatewayAddress[];
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly ListenerStatus[];
  };
}

export interface ParentReference extends ObjectReference {
  readonly sectionName?: string;
  readonly port?: number;
}

export interface BackendReference extends ObjectReference {
  readonly port?: number;
  readonly weight?: number;
  readonly filters?: readonly RouteFilter[];
}

interface NameAndValue {
  readonly name: string;
  readonly value: string;
}

export interface HeaderFilter {
  readonly set?: readonly NameAndValue[];
  readonly add?: readonly NameAndValue[];
  readonly remove?: readonly string[];
}

export interface PathModifier {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderFilter;
  readonly responseHeaderModifier?: HeaderFilter;
  readonly requestRedirect?: {
    readonly scheme?: string;
    readonly hostname?: string;
    readonly path?: PathModifier;
    readonly port?: number;
    readonly statusCode?: number;
  };
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
  readonly requestMirror?: {
    readonly backendRef: BackendReference;
    readonly percent?: number;
    readonly fraction?: { readonly numerator: number; readonly denominator?: number };
  };
  readonly cors?: {
    readonly allowOrigins?: readonly string[];
    readonly allowCredentials?: boolean;
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
    readonly exposeHeaders?: readonly string[];
    readonly maxAge?: number;
  };
}

interface ValueMatch extends NameAndValue {
  readonly type?: string;
}

export interface HttpRouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly ValueMatch[];
  readonly queryParams?: readonly ValueMatch[];
  readonly method?: string;
}

export interface HttpRouteRule {
  readonly name?: string;
  readonly matches?: readonly HttpRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendReference[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
  readonly retry?: {
    readonly codes?: readonly number[];
    readonly attempts?: number;
    readonly backoff?: string;
  };
}

export interface GrpcRouteMatch {
  readonly method?: { readonly type?: string; readonly service?: string; readonly method?: string };
  readonly headers?: readonly ValueMatch[];
}

export interface GrpcRouteRule {
  readonly name?: string;
  readonly matches?: readonly GrpcRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendReference[];
}

export interface L4RouteRule {
  readonly backendRefs?: readonly BackendReference[];
}

export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

export interface RouteObject<Rule> extends KubeObject {
  readonly spec?: {
    readonly parentRefs?: readonly ParentReference[];
    readonly hostnames?: readonly string[];
    readonly rules?: readonly Rule[];
  };
  readonly status?: { readonly parents?: readonly RouteParentStatus[] };
}

export type KubernetesHttpRoute = RouteObject<HttpRouteRule>;
export type KubernetesGrpcRoute = RouteObject<GrpcRouteRule>;
export type KubernetesL4Route = RouteObject<L4RouteRule>;

export interface ReferenceGrant extends KubeObject {
  readonly spec?: {
    readonly from?: readonly {
      readonly group: string;
      readonly kind: string;
      readonly namespace: string;
    }[];
    readonly to?: readonly {
      readonly group: string;
      readonly kind: string;
      readonly name?: string;
    }[];
  };
}

function resource<T extends KubeObject>(
  plural: string,
  kind: string,
  { version = 'v1', isNamespaced = true } = {},
): Resource<T> {
  return { group: GATEWAY_GROUP, version, plural, kind, isNamespaced };
}

export const gatewayClasses = resource<GatewayClass>('gatewayclasses', 'GatewayClass', {
  isNamespaced: false,
});
export const kubernetesGateways = resource<KubernetesGateway>('gateways', 'Gateway');
export const httpRoutes = resource<KubernetesHttpRoute>('httproutes', 'HTTPRoute');
export const grpcRoutes = resource<KubernetesGrpcRoute>('grpcroutes', 'GRPCRoute');
export const tlsRoutes = resource<KubernetesL4Route>('tlsroutes', 'TLSRoute');
export const tcpRoutes = resource<KubernetesL4Route>('tcproutes', 'TCPRoute', {
  version: 'v1alpha2',
});
export const referenceGrants = resource<ReferenceGrant>('referencegrants', 'ReferenceGrant', {
  version: 'v1beta1',
});
