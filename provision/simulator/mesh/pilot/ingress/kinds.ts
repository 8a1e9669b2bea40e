/**
 * Kinds of Kubernetes' own that only istiod looks at: Ingress and IngressClass
 * (https://kubernetes.io/docs/concepts/services-networking/ingress/).
 */
import type { Resource } from '../../../client/client.ts';
import type { KubeObject } from '../../../kinds/object.ts';

export interface IngressPath {
  readonly path?: string;
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: IngressBackend;
}

export interface IngressBackend {
  readonly service?: {
    readonly name: string;
    readonly port?: { readonly number?: number; readonly name?: string };
  };
}

export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: IngressBackend;
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: { readonly paths?: readonly IngressPath[] };
    }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } };
}

export interface IngressClass extends KubeObject {
  readonly spec?: { readonly controller?: string };
}

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' } as const;

export const ingresses: Resource<Ingress> = {
  ...NETWORKING,
  plural: 'ingresses',
  kind: 'Ingress',
  isNamespaced: true,
};

export const ingressClasses: Resource<IngressClass> = {
  ...NETWORKING,
  plural: 'ingressclasses',
  kind: 'IngressClass',
  isNamespaced: false,
};
