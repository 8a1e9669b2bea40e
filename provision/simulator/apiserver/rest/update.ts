import { timestamp } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import { conflict, invalid, notFound, stale } from '../errors.ts';
import { CONFLICT_RETRY_LIMIT } from '../limits.ts';
import { trackUpdate } from '../managed-fields/track.ts';
import { toVersion } from '../objects/convert.ts';
import {
  asJson,
  isSame,
  listAt,
  numberAt,
  objectAt,
  objectOr,
  stringAt,
  stringsAt,
  toKubeObject,
  withValue,
} from '../objects/json.ts';
import { storageKey } from '../served-kinds.ts';
import type { Call, Core, ObjectName } from './context.ts';
import { keepMetadata, metadataErrors } from './object-metadata.ts';
import { ephemeralContainerErrors } from './pods/ephemeral-containers.ts';
import { resizedPod, resizeErrors } from './pods/resize.ts';
import { atRevision, readObject, toStorage } from './prepare.ts';
import { sizeInStore } from './space.ts';
import { hasGeneration, needsVersion, prepareUpdate } from './strategy.ts';

/** A request to change an object that exists. */
export interface UpdateRequest {
  readonly kind: Kind;
  readonly target: ObjectName;
  /** Empty for the object itself, or the part that changes: `status`, `finalize`, `scale` … */
  readonly subresource: string;
  /** The wanted object, from the current one in the version of `kind`; called again when others were faster. */
  readonly change: (current: KubeObject) => JsonObject;
  readonly call: Call;
  /** A PUT: the uid in the object is a precondition, and some kinds cannot be replaced without a resourceVersion. */
  readonly isConditional?: boolean;
  /** Asked after `change`: the managedFields that server-side apply leaves; by default the caller manages what changed. */
  readonly managedFields?: () => Json | undefined;
}

/**
 * Changes an object: conflicts, reading, defaults, admission, validation, storing. Nothing is written when nothing
 * changes. An object that waits for its finalizers goes away with the last of them.
 * @throws ApiError with the Status a real API server gives
 */
export async function updateObject(core: Core, request: UpdateRequest): Promise<KubeObject> {
  const { kind, target } = request;
  const resource = storageKey(kind);
  for (let attempt = 0; ; attempt++) {
    const stored = core.store.get(resource, target.namespace, target.name);
    if (!stored) throw notFound(kind, target.name);
    const current = toVersion(stored, kind);
    const wanted = request.change(current);
    checkPreconditions(request, wanted, current);
    const object = await complete(core, request, current, wanted);
    const isAlone = core.store.get(resource, target.namespace, target.name) === stored;
    if (isAlone) return save(core, request, stored, object);
    const isBound = (stringAt(wanted, 'metadata', 'resourceVersion') ?? '') !== '';
    if (isBound || attempt >= CONFLICT_RETRY_LIMIT) throw stale(kind, target.name);
  }
}

function checkPreconditions(request: UpdateRequest, wanted: JsonObject, current: KubeObject): void {
  const { kind, isConditional = false, call } = request;
  const { name, uid, resourceVersion } = current.metadata;
  const wantedUid = stringAt(wanted, 'metadata', 'uid') ?? '';
  if (isConditional && wantedUid !== '' && wantedUid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${wantedUid}, UID in object meta: ${uid}`,
    );
  }
  const version = stringAt(wanted, 'metadata', 'resourceVersion') ?? '';
  if (version === '' && isConditional && !call.isInternal && needsVersion(kind)) {
    throw invalid({ group: kind.group, kind: kind.plural }, name, [
      {
        field: 'metadata.resourceVersion',
        type: 'Invalid',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  if (version !== '' && version !== resourceVersion) throw stale(kind, name);
}

async function complete(
  core: Core,
  request: UpdateRequest,
  current: KubeObject,
  wanted: JsonObject,
): Promise<JsonObject> {
  const { kind, target, subresource, call } = request;
  const old = asJson(current);
  const circumstances = { clock: core.clock, user: call.user };
  const part = asJson(
    kind.applyDefaults(
      toKubeObject(
        subresource === '' ? keepMetadata(wanted, old) : partOnly(wanted, old, subresource),
      ),
    ),
  );
  // Before the kind's own completion and admission: what these add is nobody's.
  const managedFields = managersOf(core, request, part, old);
  const prepared = subresource === '' ? prepareUpdate(kind, part, old, circumstances) : part;
  const admission: AdmissionRequest = {
    operation: 'UPDATE',
    kind,
    subresource,
    ...target,
    object: prepared,
    oldObject: old,
    call,
  };
  const mutated = await core.admission.mutate(admission);
  const read =
    mutated === prepared
      ? prepared
      : readObject(kind, mutated, { ...call, fieldValidation: 'Ignore' });
  const object = kind.applyDefaults(toKubeObject(countGeneration(read, old, request)));
  // These change what nobody else may.
  const isPrivileged = ['binding', 'resize'].includes(subresource);
  const errors = [
    ...metadataErrors(wanted, object, current),
    ...(isPrivileged ? [] : kind.validate(object, current)),
    ...(subresource === 'resize' ? resizeErrors(asJson(object), old) : []),
    ...(subresource === 'ephemeralcontainers' ? ephemeralContainerErrors(asJson(object), old) : []),
  ];
  if (errors.length > 0) throw invalid(kind, target.name, errors);
  call.warnings.push(...(kind.warnings?.(object) ?? []));
  const tracked = withValue(asJson(object), ['metadata', 'managedFields'], managedFields);
  await core.admission.validate({ ...admission, object: tracked });
  return tracked;
}

function managersOf(
  core: Core,
  { kind, subresource, call, managedFields }: UpdateRequest,
  object: JsonObject,
  old: JsonObject,
): Json | undefined {
  if (managedFields) return managedFields();
  const time = timestamp(core.clock);
  return trackUpdate(kind, object, old, { manager: call.fieldManager, subresource, time });
}

function save(
  core: Core,
  { kind, target, subresource, call }: UpdateRequest,
  stored: KubeObject,
  object: JsonObject,
): KubeObject {
  const written = toStorage(object, core.kinds.storageKind(kind));
  if (isUnchanged(written, asJson(stored))) return toVersion(stored, kind);
  const oldObject = asJson(toVersion(stored, kind));
  const operation = 'UPDATE';
  const charge = core.admission.charge({
    operation,
    kind,
    subresource,
    ...target,
    object,
    oldObject,
    call,
  });
  if (call.isDryRun) return toVersion(toKubeObject(written), kind);
  charge();
  const make = atRevision(written);
  const resource = storageKey(kind);
  const result = isFinished(kind, written)
    ? core.store.remove(resource, stored, make)
    : core.store.put(resource, make, sizeInStore(core.store, written));
  return toVersion(result, kind);
}

/** Whether the write says nothing new; who manages which field since when does not count. */
function isUnchanged(written: JsonObject, stored: JsonObject): boolean {
  return isSame(plain(written), plain(stored)) && isSame(owners(written), owners(stored));
}

function plain(object: JsonObject): JsonObject {
  const {
    resourceVersion: _version,
    managedFields: _fields,
    ...metadata
  } = objectAt(object, 'metadata');
  return { ...object, metadata };
}

function owners(object: JsonObject): readonly JsonObject[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) =>
    withValue(objectOr(entry), ['time'], undefined),
  );
}

/** Whether a deleted object has nothing left to wait for. */
export function isFinished(kind: Kind, object: JsonObject): boolean {
  if (stringAt(object, 'metadata', 'deletionTimestamp') === undefined) return false;
  const finalizers = stringsAt(object, 'metadata', 'finalizers');
  const graceSeconds = numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0;
  const isNamespace = kind.group === '' && kind.plural === 'namespaces';
  const contents = isNamespace ? stringsAt(object, 'spec', 'finalizers') : [];
  return finalizers.length === 0 && graceSeconds === 0 && contents.length === 0;
}

/** The old object with only what the subresource may change taken from the new one. */
function partOnly(wanted: JsonObject, old: JsonObject, subresource: string): JsonObject {
  if (subresource === 'binding' || subresource === 'scale') return keepMetadata(wanted, old);
  if (subresource === 'finalize') {
    return withValue(old, ['spec', 'finalizers'], objectAt(wanted, 'spec')['finalizers'] ?? []);
  }
  if (subresource === 'resize') return resizedPod(wanted, old);
  if (subresource === 'ephemeralcontainers') {
    const containers = objectAt(wanted, 'spec')['ephemeralContainers'];
    return withValue(old, ['spec', 'ephemeralContainers'], containers);
  }
  if (subresource === 'approval') {
    return withValue(old, ['status', 'conditions'], objectAt(wanted, 'status')['conditions']);
  }
  return withValue(old, ['status'], wanted['status']);
}

function countGeneration(
  object: JsonObject,
  old: JsonObject,
  { kind, subresource }: UpdateRequest,
): JsonObject {
  // Being put on a node is nothing that anybody has changed in a pod.
  if (!hasGeneration(kind) || subresource === 'binding') return object;
  const content = ({ metadata: _metadata, status, ...rest }: JsonObject) =>
    kind.hasStatus ? rest : { ...rest, status };
  const before = numberAt(old, 'metadata', 'generation') ?? 1;
  const isChanged = !isSame(content(object), content(old));
  return withValue(object, ['metadata', 'generation'], isChanged ? before + 1 : before);
}
