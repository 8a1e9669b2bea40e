import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import type { Source } from './sources.ts';

const ISTIO = '/apis/networking.istio.io';
const SECURITY = '/apis/security.istio.io/v1';
const GATEWAY_API = '/apis/gateway.networking.k8s.io/v1';

/** Where the API server lists each kind that analyzers look at. */
export const COLLECTIONS = {
  AuthorizationPolicy: `${SECURITY}/authorizationpolicies`,
  ConfigMap: '/api/v1/configmaps',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  Deployment: '/apis/apps/v1/deployments',
  DestinationRule: `${ISTIO}/v1/destinationrules`,
  EnvoyFilter: `${ISTIO}/v1alpha3/envoyfilters`,
  GRPCRoute: `${GATEWAY_API}/grpcroutes`,
  Gateway: `${ISTIO}/v1/gateways`,
  HTTPRoute: `${GATEWAY_API}/httproutes`,
  /** Gateway API's own Gateway. */
  KubernetesGateway: `${GATEWAY_API}/gateways`,
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  Namespace: '/api/v1/namespaces',
  PeerAuthentication: `${SECURITY}/peerauthentications`,
  Pod: '/api/v1/pods',
  ProxyConfig: `${ISTIO}/v1beta1/proxyconfigs`,
  RequestAuthentication: `${SECURITY}/requestauthentications`,
  Secret: '/api/v1/secrets',
  Service: '/api/v1/services',
  ServiceEntry: `${ISTIO}/v1/serviceentries`,
  Sidecar: `${ISTIO}/v1/sidecars`,
  Telemetry: '/apis/telemetry.istio.io/v1/telemetries',
  VirtualService: `${ISTIO}/v1/virtualservices`,
  WasmPlugin: '/apis/extensions.istio.io/v1alpha1/wasmplugins',
  WorkloadEntry: `${ISTIO}/v1/workloadentries`,
  WorkloadGroup: `${ISTIO}/v1/workloadgroups`,
} as const;

/** Kinds that analyzers look at, by the name they have in {@link World}. */
export type AnalyzedKind = keyof typeof COLLECTIONS;

/** Without a namespace, so that what is said of them is always shown. */
const CLUSTER_WIDE: ReadonlySet<AnalyzedKind> = new Set([
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'Namespace',
] satisfies AnalyzedKind[]);

/** An object under analysis, and where in which file it stands if it came from one. */
export interface Analyzed {
  readonly kind: AnalyzedKind;
  /** As the object says: `Gateway` for both of them. */
  readonly objectKind: string;
  readonly name: string;
  /** Empty for what belongs to the cluster. */
  readonly namespace: string;
  readonly object: JsonObject;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source: Source | undefined;
}

/** Everything that analyzers may compare: the cluster's objects with those of files over them. */
export class World {
  /** The mesh configuration in force. */
  readonly mesh: JsonObject;
  readonly #byKind = new Map<AnalyzedKind, Map<string, Analyzed>>();

  constructor(mesh: JsonObject = {}) {
    this.mesh = mesh;
  }

  add(entry: Analyzed): void {
    const known = this.#byKind.get(entry.kind) ?? new Map<string, Analyzed>();
    known.set(`${entry.namespace}/${entry.name}`, entry);
    this.#byKind.set(entry.kind, known);
  }

  all(kind: AnalyzedKind): readonly Analyzed[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])];
  }

  find(kind: AnalyzedKind, namespace: string, name: string): Analyzed | undefined {
    return this.#byKind.get(kind)?.get(`${namespace}/${name}`);
  }

  /** The namespace whose policies count for the whole mesh. */
  get rootNamespace(): string {
    return textAt(this.mesh, 'rootNamespace') || 'istio-system';
  }
}

/** An object as analyzers see it; undefined for kinds they do not look at, and for other kinds of the same name. */
export function analyzed(
  object: JsonObject,
  kind: string,
  options: { readonly namespace: string; readonly source?: Source },
): Analyzed | undefined {
  if (!isAnalyzedKind(kind)) return undefined;
  const own = textAt(object, 'metadata', 'namespace');
  return {
    kind,
    objectKind: kind === 'KubernetesGateway' ? 'Gateway' : kind,
    name: textAt(object, 'metadata', 'name'),
    namespace: CLUSTER_WIDE.has(kind) ? '' : own || options.namespace,
    object,
    labels: textsAt(object, 'metadata', 'labels'),
    annotations: textsAt(object, 'metadata', 'annotations'),
    source: options.source,
  };
}

/** The name of an object's kind in {@link World}, by its apiVersion and kind; undefined when analyzers do not know it. */
export function kindOf(object: JsonObject): AnalyzedKind | undefined {
  const kind = textAt(object, 'kind');
  const [group = '', version] = textAt(object, 'apiVersion').split('/');
  const named = group === 'gateway.networking.k8s.io' && kind === 'Gateway' ? 'Kubernetes' : '';
  const key = `${named}${kind}`;
  if (!isAnalyzedKind(key)) return undefined;
  const path = version === undefined ? `/api/${group}/` : `/apis/${group}/`;
  return COLLECTIONS[key].startsWith(path) ? key : undefined;
}

function isAnalyzedKind(kind: string): kind is AnalyzedKind {
  return Object.hasOwn(COLLECTIONS, kind);
}
