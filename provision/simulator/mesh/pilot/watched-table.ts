import type { ClusterClient, Resource } from '../../client/client.ts';
import type { KubeObject } from '../../kinds/object.ts';

/** All objects of a resource, kept up to date. */
export class WatchedTable<T extends KubeObject> implements Disposable {
  readonly #objects = new Map<string, T>();
  readonly #watch: Disposable;

  constructor(client: ClusterClient, resource: Resource<T>, onChange: () => void) {
    this.#watch = client.watch(resource, ({ type, object }) => {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (type === 'DELETED') this.#objects.delete(key);
      else this.#objects.set(key, object);
      onChange();
    });
  }

  values(): readonly T[] {
    return [...this.#objects.values()];
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
