/** A cluster for tests of the network: objects that are there, and can be put and taken away. */
import type { ClusterClient, ListOptions, Resource, WatchEvent } from '../client/client.ts';
import type { KubeObject, Labels } from '../kinds/object.ts';

type Listener = (event: WatchEvent<KubeObject>) => void;

export class FakeClusterClient implements ClusterClient {
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches: { readonly kind: string; readonly tell: Listener }[] = [];

  constructor(objects: readonly KubeObject[] = []) {
    for (const object of objects) this.put(object);
  }

  put(object: KubeObject): void {
    const type = this.#objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(keyOf(object), object);
    this.#tell({ type, object });
  }

  remove(object: KubeObject): void {
    this.#objects.delete(keyOf(object));
    this.#tell({ type: 'DELETED', object });
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace = ''): T | undefined {
    return this.list(resource).find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
    );
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): readonly T[] {
    return [...this.#objects.values()]
      .filter((object) => isOf(resource, object))
      .filter(({ metadata }) => !options.namespace || metadata.namespace === options.namespace);
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    listener: (event: WatchEvent<T>) => void,
  ): Disposable {
    const tell: Listener = ({ type, object }) => {
      if (isOf(resource, object)) listener({ type, object });
    };
    this.#watches.push({ kind: resource.kind, tell });
    for (const object of this.list(resource)) listener({ type: 'ADDED', object });
    return { [Symbol.dispose]: () => undefined };
  }

  create = refuse;
  update = refuse;
  patch = refuse;
  delete = refuse;

  #tell(event: WatchEvent<KubeObject>): void {
    for (const { kind, tell } of this.#watches) if (kind === event.object.kind) tell(event);
  }
}

/** Metadata of an object in namespace `default` unless said otherwise; the uid is the name. */
export function meta(name: string, labels: Labels = {}, namespace = 'default') {
  return {
    name,
    namespace,
    labels,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
}

/** An object with these parts besides its head. */
export function objectOf(
  [apiVersion, kind]: readonly [string, string],
  metadata: KubeObject['metadata'],
  parts: object,
): KubeObject {
  return { apiVersion, kind, metadata, ...parts };
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('The network changes nothing in the cluster'));
}

/** The test's own objects are what their kind says. */
function isOf<T extends KubeObject>(resource: Resource<T>, object: KubeObject): object is T {
  return object.kind === resource.kind;
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
