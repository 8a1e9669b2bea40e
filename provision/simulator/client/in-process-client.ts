import { badRequest, unknownResource } from '../apiserver/errors.ts';
import { toVersion } from '../apiserver/objects/convert.ts';
import { asJson } from '../apiserver/objects/json.ts';
import { mergePatch } from '../apiserver/patch/merge-patch.ts';
import { internalCall, type Call, type Core, type User } from '../apiserver/rest/context.ts';
import { createObject } from '../apiserver/rest/create.ts';
import { deleteObject } from '../apiserver/rest/delete.ts';
import { PATCH_TYPES, patchObject } from '../apiserver/rest/patch.ts';
import { bindPod } from '../apiserver/rest/pods/parts.ts';
import { addressed, readObject } from '../apiserver/rest/prepare.ts';
import { updateScale } from '../apiserver/rest/scale.ts';
import { updateObject } from '../apiserver/rest/update.ts';
import { storageKey } from '../apiserver/served-kinds.ts';
import type { Kind } from '../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../kinds/object.ts';
import { parseLabelSelector } from '../kinds/selectors/labels.ts';
import type {
  ClusterClient,
  DeleteOptions,
  ListOptions,
  NewObject,
  Resource,
  WatchEvent,
  WriteOptions,
} from './client.ts';

interface ObjectTarget {
  readonly name: string;
  readonly namespace?: string;
}

/**
 * The API server without HTTP, for the simulator's own parts. Writes take the way that kubectl's take, webhooks
 * included; only authentication and authorization are left out, because the parts are trusted.
 */
export class InProcessClient implements ClusterClient {
  readonly #core: Core;
  readonly #user: User;

  constructor(core: Core, user: User) {
    this.#core = core;
    this.#user = user;
  }

  /** A new one each time: warnings gather in it, and nobody reads those of the simulator's own parts. */
  get #call(): Call {
    return internalCall(this.#user);
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace = ''): T | undefined {
    const stored = this.#core.store.get(storageKey(resource), scope(resource, namespace), name);
    return stored && typed(resource, toVersion(stored, resource));
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): readonly T[] {
    const { namespace, labelSelector = '' } = options;
    const { items } = this.#core.store.list(
      storageKey(resource),
      resource.isNamespaced ? namespace : undefined,
    );
    const objects = items.map((object) => typed(resource, toVersion(object, resource)));
    if (labelSelector === '') return objects;
    const matches = parseLabelSelector(labelSelector);
    return objects.filter((object) => matches(object.metadata.labels));
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    listener: (event: WatchEvent<T>) => void,
  ): Disposable {
    return this.#core.store.watch(storageKey(resource), ({ type, object }) => {
      listener({ type, object: typed(resource, toVersion(object, resource)) });
    });
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: NewObject): Promise<T> {
    const kind = this.#kindOf(resource);
    const body = asJson(object);
    const namespace = scope(resource, object.metadata.namespace ?? '');
    const target = { namespace, name: '' };
    return typed(
      resource,
      await createObject(this.#core, { kind, target, body, call: this.#call }),
    );
  }

  async update<T extends KubeObject>(
    resource: Resource<T>,
    object: NewObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const kind = this.#kindOf(resource);
    const body = asJson(object);
    const { name = '', namespace = '' } = object.metadata;
    const target = { namespace: scope(resource, namespace), name };
    const call = this.#call;
    const { subresource = '' } = options;
    if (subresource === 'scale') {
      const request = { kind, target, change: () => body, call };
      return typed(resource, await updateScale(this.#core, request));
    }
    if (subresource === 'binding') {
      return typed(resource, await bindPod(this.#core, { kind, target, body, call }));
    }
    const wanted = readObject(kind, addressed(body, target), call);
    const request = { kind, target, subresource, change: () => wanted, call };
    return typed(resource, await updateObject(this.#core, request));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    target: ObjectTarget,
    patch: JsonObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const kind = this.#kindOf(resource);
    const place = { namespace: scope(resource, target.namespace ?? ''), name: target.name };
    if (options.subresource === 'scale') {
      const change = (scale: JsonObject) => mergePatch(scale, patch);
      const request = { kind, target: place, change, call: this.#call };
      return typed(resource, await updateScale(this.#core, request));
    }
    if (options.subresource === 'binding') throw badRequest('a binding is created, not patched');
    const { object } = await patchObject(this.#core, {
      kind,
      target: place,
      subresource: options.subresource ?? '',
      type: PATCH_TYPES.merge,
      patch,
      isForced: false,
      call: this.#call,
    });
    return typed(resource, object);
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    target: ObjectTarget,
    options: DeleteOptions = {},
  ): Promise<void> {
    const kind = this.#kindOf(resource);
    const { uid, ...rest } = options;
    await deleteObject(this.#core, {
      kind,
      target: { namespace: scope(resource, target.namespace ?? ''), name: target.name },
      call: this.#call,
      ...rest,
      ...(uid !== undefined && { preconditions: { uid } }),
    });
  }

  #kindOf(resource: Resource): Kind {
    const kind = this.#core.kinds.find(resource.group, resource.version, resource.plural);
    if (!kind) throw unknownResource();
    return kind;
  }
}

function scope(resource: Resource, namespace: string): string {
  return resource.isNamespaced ? namespace : '';
}

/** The object with the type its resource carries. What is stored under a resource is of its kind. */
function typed<T extends KubeObject>(resource: Resource<T>, object: KubeObject): T {
  if (!isOf(object, resource)) {
    throw new TypeError(`Cannot use ${object.kind} ${object.metadata.name} as a ${resource.kind}`);
  }
  return object;
}

function isOf<T extends KubeObject>(object: KubeObject, resource: Resource<T>): object is T {
  return object.kind === resource.kind;
}
