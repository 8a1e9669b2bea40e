/** The fields of networking.istio.io/v1 that the proxies act on (https://istio.io/latest/docs/reference/config/networking/). */
import type { KubeObject, Labels } from '../../kinds/object.ts';

export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number?: number };
}

export interface HeaderOperations {
  readonly set?: Labels;
  readonly add?: Labels;
  readonly remove?: readonly string[];
}

interface Headers {
  readonly request?: HeaderOperations;
  readonly response?: HeaderOperations;
}

export interface HttpMatch {
  readonly uri?: StringMatch;
  readonly ignoreUriCase?: boolean;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  readonly scheme?: StringMatch;
  readonly headers?: Readonly<Record<string, StringMatch>>;
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  readonly port?: number;
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}

export interface RouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
  readonly headers?: Headers;
}

export interface HttpRoute {
  readonly name?: string;
  readonly match?: readonly HttpMatch[];
  readonly route?: readonly RouteDestination[];
  readonly redirect?: {
    readonly uri?: string;
    readonly authority?: string;
    readonly scheme?: string;
    readonly redirectCode?: number;
    readonly port?: number;
    readonly derivePort?: 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT';
  };
  readonly directResponse?: {
    readonly status: number;
    readonly body?: { readonly string?: string };
  };
  readonly rewrite?: {
    readonly uri?: string;
    readonly authority?: string;
    readonly uriRegexRewrite?: { readonly match?: string; readonly rewrite?: string };
  };
  readonly headers?: Headers;
  readonly fault?: {
    readonly delay?: {
      readonly fixedDelay?: string;
      readonly percentage?: Percentage;
      readonly percent?: number;
    };
    readonly abort?: { readonly httpStatus?: number; readonly percentage?: Percentage };
  };
  readonly timeout?: string;
  readonly retries?: {
    readonly attempts?: number;
    readonly perTryTimeout?: string;
    readonly retryOn?: string;
  };
  readonly mirror?: Destination;
  readonly mirrorPercentage?: Percentage;
  readonly mirrors?: readonly {
    readonly destination: Destination;
    readonly percentage?: Percentage;
  }[];
}

export interface Percentage {
  readonly value?: number;
}

export interface VirtualService extends KubeObject {
  readonly spec?: {
    readonly hosts?: readonly string[];
    readonly gateways?: readonly string[];
    readonly http?: readonly HttpRoute[];
  };
}

export interface PortTrafficPolicy {
  readonly loadBalancer?: {
    readonly simple?: string;
    readonly consistentHash?: {
      readonly httpHeaderName?: string;
      readonly httpQueryParameterName?: string;
      readonly httpCookie?: { readonly name: string };
      readonly useSourceIp?: boolean;
    };
  };
  readonly connectionPool?: {
    readonly tcp?: { readonly maxConnections?: number };
    readonly http?: {
      readonly http1MaxPendingRequests?: number;
      readonly http2MaxRequests?: number;
    };
  };
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: { readonly mode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' };
}

export interface OutlierDetection {
  readonly consecutive5xxErrors?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly interval?: string;
  readonly baseEjectionTime?: string;
  readonly maxEjectionPercent?: number;
}

export interface TrafficPolicy extends PortTrafficPolicy {
  readonly portLevelSettings?: readonly (PortTrafficPolicy & {
    readonly port?: { readonly number?: number };
  })[];
}

export interface DestinationRule extends KubeObject {
  readonly spec?: {
    readonly host?: string;
    readonly trafficPolicy?: TrafficPolicy;
    readonly subsets?: readonly {
      readonly name: string;
      readonly labels?: Labels;
      readonly trafficPolicy?: TrafficPolicy;
    }[];
  };
}

export interface GatewayServer {
  readonly port: { readonly number: number; readonly name?: string; readonly protocol: string };
  readonly hosts: readonly string[];
  readonly tls?: { readonly httpsRedirect?: boolean; readonly mode?: string };
}

export interface Gateway extends KubeObject {
  readonly spec?: { readonly selector?: Labels; readonly servers?: readonly GatewayServer[] };
}
