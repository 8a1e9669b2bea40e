import type { ClusterClient, Resource } from '../../../client/client.ts';
import type { KubeObject } from '../../../kinds/object.ts';

/** All objects of a resource, kept up to date; one that differs in nothing that somebody looks at stays as it was. */
export class WatchedTable<T extends KubeObject> implements Disposable {
  readonly #objects = new Map<string, T>();
  readonly #watch: Disposable;
  #values: readonly T[] | undefined;

  /**
   * @param isSame whether a change can be passed over, because nobody looks at what is different; default: no change can
   */
  constructor(
    client: ClusterClient,
    resource: Resource<T>,
    onChange: () => void,
    isSame: (before: T, after: T) => boolean = () => false,
  ) {
    this.#watch = client.watch(resource, ({ type, object }) => {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const before = this.#objects.get(key);
      if (type !== 'DELETED' && before && isSame(before, object)) return;
      if (type === 'DELETED') this.#objects.delete(key);
      else this.#objects.set(key, object);
      this.#values = undefined;
      onChange();
    });
  }

  /** The same list until something changes. */
  values(): readonly T[] {
    this.#values ??= [...this.#objects.values()];
    return this.#values;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
