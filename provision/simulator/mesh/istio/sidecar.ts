/** Sidecar (https://istio.io/latest/docs/reference/config/networking/sidecar/). */
import type { KubeObject, Labels } from '../../kinds/object.ts';
import type { ConnectionPoolSettings } from './destination-rule.ts';
import type { ServerTls } from './gateway.ts';

interface SidecarPort {
  readonly number?: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

export interface Sidecar extends KubeObject {
  readonly spec?: {
    readonly workloadSelector?: { readonly labels?: Labels };
    readonly ingress?: readonly {
      readonly port?: SidecarPort;
      readonly bind?: string;
      readonly defaultEndpoint?: string;
      readonly tls?: ServerTls;
      readonly connectionPool?: ConnectionPoolSettings;
    }[];
    readonly egress?: readonly {
      readonly port?: SidecarPort;
      readonly bind?: string;
      readonly captureMode?: string;
      readonly hosts?: readonly string[];
    }[];
    readonly inboundConnectionPool?: ConnectionPoolSettings;
    readonly outboundTrafficPolicy?: { readonly mode?: 'ALLOW_ANY' | 'REGISTRY_ONLY' };
  };
}
