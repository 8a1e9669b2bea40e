import type { Resource } from '../../client/client.ts';
import type { KubeObject } from '../../kinds/object.ts';

/** An object as the garbage collector knows it. */
export interface Owned {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** All objects of a cluster by uid, and who depends on whom. */
export class OwnershipGraph {
  readonly #objects = new Map<string, Owned>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Owned | undefined {
    return this.#objects.get(uid);
  }

  dependentsOf(uid: string): readonly Owned[] {
    const dependents = this.#dependents.get(uid) ?? new Set();
    return [...dependents].flatMap((dependent) => this.#objects.get(dependent) ?? []);
  }

  put(owned: Owned): void {
    const { uid } = owned.object.metadata;
    this.#unlink(uid);
    this.#objects.set(uid, owned);
    for (const owner of owned.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(uid));
    }
  }

  remove(uid: string): void {
    this.#unlink(uid);
    this.#objects.delete(uid);
  }

  #unlink(uid: string): void {
    for (const owner of this.#objects.get(uid)?.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}
