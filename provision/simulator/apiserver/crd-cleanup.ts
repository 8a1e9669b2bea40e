import { ApiError } from '../client/api-error.ts';
import type { JsonObject, KubeObject } from '../kinds/object.ts';
import { asJson, stringAt, stringsAt, withValue } from './objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from './rest/context.ts';
import { deleteObject } from './rest/delete.ts';
import { CRD_FINALIZER } from './rest/strategy.ts';
import { updateObject } from './rest/update.ts';
import { CRDS, storageKey } from './served-kinds.ts';

/** Deletes the objects of a deleted CustomResourceDefinition and then lets it go; disposing of the result stops that. */
export function cleanUpCrds(core: Core): Disposable {
  const waiting = new Map<string, Disposable>();
  const release = (name: string) => {
    waiting.get(name)?.[Symbol.dispose]();
    waiting.delete(name);
  };
  const check = (crd: KubeObject) => {
    const { name, deletionTimestamp } = crd.metadata;
    const isHeld = stringsAt(crd, 'metadata', 'finalizers').includes(CRD_FINALIZER);
    if (deletionTimestamp === undefined || !isHeld || waiting.has(name)) return;
    const resource = resourceOf(crd);
    waiting.set(
      name,
      core.store.listen(resource, () => void finish(core, crd, release)),
    );
    void deleteAll(core, crd).then(() => finish(core, crd, release));
  };
  const watching = core.store.watch(storageKey(CRDS), ({ type, object }) => {
    if (type === 'DELETED') release(object.metadata.name);
    else check(object);
  });
  return {
    [Symbol.dispose]: () => {
      watching[Symbol.dispose]();
      for (const name of waiting.keys()) release(name);
    },
  };
}

function resourceOf(crd: KubeObject): string {
  return storageKey({
    group: stringAt(crd, 'spec', 'group') ?? '',
    plural: stringAt(crd, 'spec', 'names', 'plural') ?? '',
  });
}

async function deleteAll(core: Core, crd: KubeObject): Promise<void> {
  const { items } = core.store.list(resourceOf(crd));
  for (const object of items) {
    const kind = core.kinds.findKind(object.apiVersion, object.kind);
    const { name, namespace = '' } = object.metadata;
    if (!kind) continue;
    const call = internalCall(API_SERVER_USER);
    // What a webhook forbids stays, and with it the definition.
    await ignoreRefusal(deleteObject(core, { kind, target: { namespace, name }, call }));
  }
}

async function finish(core: Core, crd: KubeObject, release: (name: string) => void): Promise<void> {
  if (core.store.list(resourceOf(crd)).items.length > 0) return;
  const { name } = crd.metadata;
  release(name);
  const kind = core.kinds.find(CRDS.group, 'v1', CRDS.plural);
  if (!kind) return;
  const target = { namespace: '', name };
  const call = internalCall(API_SERVER_USER);
  await ignoreRefusal(updateObject(core, { kind, target, subresource: '', change: letGo, call }));
}

function letGo(crd: KubeObject): JsonObject {
  const finalizers = stringsAt(crd, 'metadata', 'finalizers');
  const others = finalizers.filter((one) => one !== CRD_FINALIZER);
  return withValue(asJson(crd), ['metadata', 'finalizers'], others);
}

async function ignoreRefusal(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
