import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** Kinds that analyzers look at, by the name they have in {@link World}. */
export type AnalyzedKind =
  | 'Namespace'
  | 'Pod'
  | 'Service'
  | 'Secret'
  | 'VirtualService'
  | 'DestinationRule'
  | 'Gateway'
  | 'ServiceEntry';

/** Where the API server lists each kind. */
export const COLLECTIONS: Readonly<Record<AnalyzedKind, string>> = {
  Namespace: '/api/v1/namespaces',
  Pod: '/api/v1/pods',
  Service: '/api/v1/services',
  Secret: '/api/v1/secrets',
  VirtualService: '/apis/networking.istio.io/v1/virtualservices',
  DestinationRule: '/apis/networking.istio.io/v1/destinationrules',
  Gateway: '/apis/networking.istio.io/v1/gateways',
  ServiceEntry: '/apis/networking.istio.io/v1/serviceentries',
};

/** An object under analysis, and the file it came from if it did. */
export interface Analyzed {
  readonly kind: AnalyzedKind;
  readonly name: string;
  /** For a Namespace its own name: messages about it belong there. */
  readonly namespace: string;
  readonly object: JsonObject;
  readonly file: string | undefined;
}

/** Everything that analyzers may compare: the cluster's objects with those of files over them. */
export class World {
  readonly #objects = new Map<string, Analyzed>();

  add(entry: Analyzed): void {
    this.#objects.set(`${entry.kind}/${entry.namespace}/${entry.name}`, entry);
  }

  all(kind: AnalyzedKind): readonly Analyzed[] {
    return [...this.#objects.values()].filter((entry) => entry.kind === kind);
  }

  find(kind: AnalyzedKind, namespace: string, name: string): Analyzed | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }
}

/** An object as analyzers see it; undefined for kinds they do not look at, and for other kinds of the same name. */
export function analyzed(
  object: JsonObject,
  kind: string,
  options: { readonly namespace: string; readonly file?: string },
): Analyzed | undefined {
  const known = isAnalyzedKind(kind) ? kind : undefined;
  if (!known || textAt(object, 'apiVersion').startsWith('gateway.networking.k8s.io/')) {
    return undefined;
  }
  const name = textAt(object, 'metadata', 'name');
  const namespace =
    known === 'Namespace' ? name : textAt(object, 'metadata', 'namespace') || options.namespace;
  return { kind: known, name, namespace, object, file: options.file };
}

function isAnalyzedKind(kind: string): kind is AnalyzedKind {
  return Object.hasOwn(COLLECTIONS, kind);
}
