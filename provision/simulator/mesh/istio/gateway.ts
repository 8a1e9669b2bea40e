/** Gateway (https://istio.io/latest/docs/reference/config/networking/gateway/). */
import type { KubeObject, Labels } from '../../kinds/object.ts';

export interface ServerTls {
  readonly httpsRedirect?: boolean;
  readonly mode?:
    | 'PASSTHROUGH'
    | 'SIMPLE'
    | 'MUTUAL'
    | 'AUTO_PASSTHROUGH'
    | 'ISTIO_MUTUAL'
    | 'OPTIONAL_MUTUAL';
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly tlsCertificates?: readonly object[];
  readonly subjectAltNames?: readonly string[];
  readonly verifyCertificateSpki?: readonly string[];
  readonly verifyCertificateHash?: readonly string[];
  readonly minProtocolVersion?: string;
  readonly maxProtocolVersion?: string;
  readonly cipherSuites?: readonly string[];
}

export interface GatewayServer {
  readonly name?: string;
  readonly port: {
    readonly number: number;
    readonly name?: string;
    readonly protocol: string;
    readonly targetPort?: number;
  };
  readonly bind?: string;
  readonly hosts: readonly string[];
  readonly tls?: ServerTls;
  readonly defaultEndpoint?: string;
}

export interface Gateway extends KubeObject {
  readonly spec?: { readonly selector?: Labels; readonly servers?: readonly GatewayServer[] };
}
