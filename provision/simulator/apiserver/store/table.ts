import type { KubeObject } from '../../kinds/object.ts';

/** The objects of one resource by namespace (empty when cluster-scoped) and name. */
export class Table {
  readonly #namespaces: Map<string, Map<string, KubeObject>>;
  /** Sorted lists by namespace, `*` for all; thrown away at every write. */
  readonly #sorted = new Map<string, readonly KubeObject[]>();

  constructor(namespaces: Map<string, Map<string, KubeObject>> = new Map()) {
    this.#namespaces = namespaces;
  }

  copy(): Table {
    const namespaces = new Map<string, Map<string, KubeObject>>();
    for (const [namespace, objects] of this.#namespaces) {
      namespaces.set(namespace, new Map(objects));
    }
    return new Table(namespaces);
  }

  get size(): number {
    let size = 0;
    for (const objects of this.#namespaces.values()) size += objects.size;
    return size;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  set(namespace: string, name: string, object: KubeObject): void {
    let objects = this.#namespaces.get(namespace);
    if (!objects) {
      objects = new Map();
      this.#namespaces.set(namespace, objects);
    }
    objects.set(name, object);
    this.#sorted.clear();
  }

  delete(namespace: string, name: string): void {
    const objects = this.#namespaces.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) this.#namespaces.delete(namespace);
    this.#sorted.clear();
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    const key = namespace ?? '*';
    const known = this.#sorted.get(key);
    if (known) return known;
    const sorted = namespace === undefined ? this.#all() : this.#of(namespace);
    this.#sorted.set(key, sorted);
    return sorted;
  }

  #all(): readonly KubeObject[] {
    // As etcd orders its keys, in which a slash follows the namespace: `a-b/…` comes before `a/…`.
    const keys = [...this.#namespaces.keys()].map((namespace) => `${namespace}/`).toSorted();
    return keys.flatMap((key) => this.#of(key.slice(0, -1)));
  }

  #of(namespace: string): readonly KubeObject[] {
    const objects = this.#namespaces.get(namespace);
    if (!objects) return [];
    // Not localeCompare: etcd orders keys by their bytes.
    return [...objects.values()].toSorted((left, right) =>
      left.metadata.name < right.metadata.name ? -1 : 1,
    );
  }
}
