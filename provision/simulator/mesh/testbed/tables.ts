import { mergePatch } from '../../apiserver/patch/merge-patch.ts';
import { ApiError } from '../../client/api-error.ts';
import type { ClusterClient, NewObject, Resource, WatchEvent } from '../../client/client.ts';
import { asKubeObject } from '../../kinds/json.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';

interface Watch {
  readonly kind: string;
  readonly tell: (type: WatchEvent<KubeObject>['type'], object: KubeObject) => void;
}

interface Target {
  readonly name: string;
  readonly namespace?: string;
}

/** Objects by kind, told of to whoever watches: all that the mesh needs of a cluster, without admission or defaults. */
export class Tables implements ClusterClient {
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches = new Set<Watch>();
  #revision = 0;

  /** Creates or replaces an object. */
  put(object: NewObject): KubeObject {
    const { name = '', namespace = '' } = object.metadata;
    const key = keyOf(groupOf(object), object.kind, `${namespace}/${name}`);
    const isNew = !this.#objects.has(key);
    const stored = this.#complete(object);
    this.#objects.set(key, stored);
    this.#tell(isNew ? 'ADDED' : 'MODIFIED', stored);
    return stored;
  }

  remove(kind: string, { name, namespace = '' }: Target): void {
    for (const [key, object] of this.#objects) {
      if (!key.endsWith(` ${kind} ${namespace}/${name}`)) continue;
      this.#objects.delete(key);
      this.#tell('DELETED', object);
    }
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace = ''): T | undefined {
    const object = this.#objects.get(keyOf(resource.group, resource.kind, `${namespace}/${name}`));
    return object && isOf(resource, object) ? object : undefined;
  }

  list<T extends KubeObject>(resource: Resource<T>): readonly T[] {
    return [...this.#objects.values()].filter((object) => isOf(resource, object));
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    listener: (event: WatchEvent<T>) => void,
  ): Disposable {
    const watch: Watch = {
      kind: resource.kind,
      tell: (type, object) => {
        if (isOf(resource, object)) listener({ type, object });
      },
    };
    this.#watches.add(watch);
    for (const object of this.list(resource)) listener({ type: 'ADDED', object });
    return { [Symbol.dispose]: () => void this.#watches.delete(watch) };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: NewObject): Promise<T> {
    const { name = '', namespace = '' } = object.metadata;
    if (this.get(resource, name, namespace)) {
      throw new ApiError(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    }
    return typed(resource, this.put(object));
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: NewObject): Promise<T> {
    return typed(resource, this.put(object));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    { name, namespace = '' }: Target,
    patch: JsonObject,
  ): Promise<T> {
    const old = this.get(resource, name, namespace);
    if (!old) throw new ApiError(404, 'NotFound', `${resource.plural} "${name}" not found`);
    const merged = asKubeObject(mergePatch(old, patch));
    return typed(resource, this.put({ ...merged }));
  }

  async delete<T extends KubeObject>(resource: Resource<T>, target: Target): Promise<void> {
    this.remove(resource.kind, target);
  }

  #complete(object: NewObject): KubeObject {
    const { name = '', namespace } = object.metadata;
    const revision = String(++this.#revision);
    return {
      ...object,
      metadata: {
        ...object.metadata,
        name,
        ...(namespace !== undefined && { namespace }),
        uid: object.metadata.uid ?? `uid-${revision}`,
        resourceVersion: revision,
        creationTimestamp: object.metadata.creationTimestamp ?? '2026-01-01T00:00:00Z',
      },
    };
  }

  #tell(type: WatchEvent<KubeObject>['type'], object: KubeObject): void {
    queueMicrotask(() => {
      for (const watch of this.#watches) {
        if (watch.kind === object.kind) watch.tell(type, object);
      }
    });
  }
}

function keyOf(group: string, kind: string, name: string): string {
  return `${group} ${kind} ${name}`;
}

/** Empty for the core group. */
function groupOf({ apiVersion }: Pick<KubeObject, 'apiVersion'>): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** Objects under a kind are what the kind says: whoever fills the tables writes them so. */
function isOf<T extends KubeObject>(resource: Resource<T>, object: KubeObject): object is T {
  return object.kind === resource.kind && groupOf(object) === resource.group;
}

function typed<T extends KubeObject>(resource: Resource<T>, object: KubeObject): T {
  if (isOf(resource, object)) return object;
  throw new TypeError(`Cannot use a ${object.kind} as a ${resource.kind}`);
}
