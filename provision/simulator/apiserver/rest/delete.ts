import { timestampOf } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { conflict, notFound } from '../errors.ts';
import { toVersion } from '../objects/convert.ts';
import { asJson, numberAt, objectAt, stringAt, stringsAt, withValue } from '../objects/json.ts';
import { storageKey } from '../served-kinds.ts';
import type { Call, Core, ObjectName } from './context.ts';
import { atRevision } from './prepare.ts';
import { isFinished } from './update.ts';

/** The body of a DELETE (meta/v1 DeleteOptions), read. */
export interface DeleteRequest {
  readonly kind: Kind;
  readonly target: ObjectName;
  readonly call: Call;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** What a deletion left: the object when it still waits for a grace period or finalizers. */
export interface Deletion {
  readonly object: KubeObject;
  readonly isGone: boolean;
}

/**
 * Deletes an object or, when it has to wait for its grace period or its finalizers, marks it. Its dependents are the
 * garbage collector's (Kubernetes documentation, "Garbage Collection"); pods are removed by their kubelet.
 * @throws ApiError with the Status a real API server gives
 */
export async function deleteObject(core: Core, request: DeleteRequest): Promise<Deletion> {
  const { kind, target, call } = request;
  const resource = storageKey(kind);
  const first = find(core, kind, target);
  checkPreconditions(kind, first, request);
  await core.admission.validate({
    operation: 'DELETE',
    kind,
    subresource: '',
    ...target,
    object: undefined,
    oldObject: asJson(toVersion(first, kind)),
    call,
  });
  const stored = find(core, kind, target);
  checkPreconditions(kind, stored, request);
  const marked = mark(core, request, asJson(stored));
  const isGone = isFinished(kind, marked);
  if (call.isDryRun) return { object: toVersion(stored, kind), isGone };
  if (marked === asJson(stored)) return { object: toVersion(stored, kind), isGone: false };
  // A removed object is shown as it was, not as it was marked.
  const object = isGone
    ? core.store.remove(resource, stored, atRevision(asJson(stored)))
    : core.store.put(resource, atRevision(marked));
  return { object: toVersion(object, kind), isGone };
}

function find(core: Core, kind: Kind, target: ObjectName): KubeObject {
  const stored = core.store.get(storageKey(kind), target.namespace, target.name);
  if (!stored) throw notFound(kind, target.name);
  return stored;
}

function checkPreconditions(kind: Kind, object: KubeObject, request: DeleteRequest): void {
  const { uid, resourceVersion } = request.preconditions ?? {};
  const { name, uid: actualUid, resourceVersion: actualVersion } = object.metadata;
  // Upstream names the kind where other conflicts name the resource.
  const named = { group: kind.group, plural: kind.kind };
  if (uid !== undefined && uid !== actualUid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${actualUid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== actualVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${actualVersion}). The object might have been modified`,
    );
  }
}

/** The object as marked for deletion; the same object when it is marked as strongly already. */
function mark(core: Core, request: DeleteRequest, object: JsonObject): JsonObject {
  const finalizers = wantedFinalizers(request.propagationPolicy, object);
  const graceSeconds = graceOf(request, object);
  const metadata = objectAt(object, 'metadata');
  const isMarked = stringAt(metadata, 'deletionTimestamp') !== undefined;
  const generation = numberAt(metadata, 'generation');
  const before = numberAt(metadata, 'deletionGracePeriodSeconds') ?? 0;
  if (
    isMarked &&
    graceSeconds >= before &&
    finalizers.length === stringsAt(metadata, 'finalizers').length
  ) {
    return isFinished(request.kind, object) ? { ...object } : object;
  }
  const marked = {
    ...object,
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 || metadata['finalizers'] ? { finalizers } : {}),
      ...(generation !== undefined && { generation: isMarked ? generation : generation + 1 }),
      deletionTimestamp: timestampOf(core.clock.now() + graceSeconds * 1000),
      deletionGracePeriodSeconds: isMarked ? Math.min(before, graceSeconds) : graceSeconds,
    },
  };
  const isNamespace = request.kind.group === '' && request.kind.plural === 'namespaces';
  return isNamespace ? withValue(marked, ['status', 'phase'], 'Terminating') : marked;
}

const BY_POLICY: Readonly<Record<string, string>> = {
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
};

function wantedFinalizers(policy: string | undefined, object: JsonObject): readonly string[] {
  const finalizers = stringsAt(object, 'metadata', 'finalizers');
  if (policy === undefined) return finalizers;
  const wanted = BY_POLICY[policy];
  const others = finalizers.filter((name) => !Object.values(BY_POLICY).includes(name));
  return wanted === undefined ? others : [...others, wanted];
}

/** Only pods have a grace period, and only those that a kubelet has to stop. */
function graceOf({ kind, gracePeriodSeconds }: DeleteRequest, object: JsonObject): number {
  if (kind.group !== '' || kind.plural !== 'pods') return 0;
  const phase = stringAt(object, 'status', 'phase');
  const isStopped = phase === 'Succeeded' || phase === 'Failed';
  if (isStopped || (stringAt(object, 'spec', 'nodeName') ?? '') === '') return 0;
  const own = numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  if (gracePeriodSeconds === undefined) return own;
  return gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds;
}
