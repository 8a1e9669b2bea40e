import { timestamp } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import { alreadyExists, badRequest, invalid } from '../errors.ts';
import { GENERATE_NAME_LIMIT } from '../limits.ts';
import { trackUpdate } from '../managed-fields/track.ts';
import { toVersion } from '../objects/convert.ts';
import { asJson, objectAt, stringAt, toKubeObject, withValue } from '../objects/json.ts';
import { generateName, makeUid } from '../objects/names.ts';
import { storageKey } from '../served-kinds.ts';
import type { Call, Core, ObjectName } from './context.ts';
import { addressed, atRevision, readObject, toStorage } from './prepare.ts';
import { checkRoom, sizeInStore } from './space.ts';
import { hasGeneration, prepareCreate } from './strategy.ts';

/** A request to create; `name` of the target is set when the URL names the object. */
export interface CreateRequest {
  readonly kind: Kind;
  readonly target: ObjectName;
  readonly body: JsonObject;
  readonly call: Call;
  /** The object's managedFields when server-side apply makes it; by default the caller manages all that is set. */
  readonly managedFields?: Json;
}

/**
 * Creates an object: reading, defaults, admission, validation, storing.
 * @throws ApiError with the Status a real API server gives
 */
export async function createObject(core: Core, request: CreateRequest): Promise<KubeObject> {
  const { kind, call } = request;
  if (kind.isNamespaced && request.target.namespace === '') {
    throw badRequest('an empty namespace may not be set during creation');
  }
  const named = nameObject(core, request);
  const { namespace, name } = named.target;
  const defaulted = asJson(kind.applyDefaults(toKubeObject(named.object)));
  // Before admission: what that adds is nobody's.
  const managedFields =
    request.managedFields ?? managersOf(core, request, withoutAllocated(defaulted, named.object));
  const completed = completeMetadata(core, kind, defaulted);
  const prepared = prepareCreate(kind, completed, {
    clock: core.clock,
    user: call.user,
  });
  const admission = { operation: 'CREATE', kind, subresource: '', namespace, name, call } as const;
  const mutated = await core.admission.mutate({
    ...admission,
    object: prepared,
    oldObject: undefined,
  });
  const read =
    mutated === prepared
      ? prepared
      : readObject(kind, mutated, { ...call, fieldValidation: 'Ignore' });
  const object = kind.applyDefaults(toKubeObject(read));
  const errors = kind.validate(object, undefined);
  if (errors.length > 0) throw invalid(kind, name, errors);
  call.warnings.push(...(kind.warnings?.(object) ?? []));
  const tracked = withValue(asJson(object), ['metadata', 'managedFields'], managedFields);
  const admitted = { ...admission, object: tracked, oldObject: undefined };
  await core.admission.validate(admitted);
  const charge = core.admission.charge(admitted);
  const resource = storageKey(kind);
  if (core.store.get(resource, namespace, name)) throw alreadyExists(kind, name);
  const stored = toStorage(tracked, core.kinds.storageKind(kind));
  if (call.isDryRun) return toVersion(unstored(stored), kind);
  checkRoom(core.store, resource);
  const sizeBytes = sizeInStore(core.store, stored);
  charge();
  return toVersion(core.store.put(resource, atRevision(stored), sizeBytes), kind);
}

/** What was not stored has no version. */
function unstored(object: JsonObject): KubeObject {
  return toKubeObject(withValue(object, ['metadata', 'resourceVersion'], undefined));
}

const ALLOCATED = ['ipFamilies', 'ipFamilyPolicy'];

/** Without what a Service is given like its addresses: upstream allocates it later, for nobody to manage. */
function withoutAllocated(object: JsonObject, given: JsonObject): JsonObject {
  if (object['kind'] !== 'Service') return object;
  const asked = objectAt(given, 'spec');
  const kept = Object.entries(objectAt(object, 'spec')).filter(
    ([key]) => !ALLOCATED.includes(key) || asked[key] !== undefined,
  );
  return withValue(object, ['spec'], Object.fromEntries(kept));
}

function managersOf(core: Core, { kind, call }: CreateRequest, object: JsonObject) {
  if (call.isInternal) return undefined;
  const time = timestamp(core.clock);
  return trackUpdate(kind, object, undefined, {
    manager: call.fieldManager,
    subresource: '',
    time,
  });
}

function nameObject(
  core: Core,
  { kind, target, body, call }: CreateRequest,
): { readonly object: JsonObject; readonly target: ObjectName } {
  const object = readObject(kind, addressed(body, target), call);
  const version = stringAt(object, 'metadata', 'resourceVersion') ?? '';
  if (version !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  const name = stringAt(object, 'metadata', 'name') ?? '';
  if (name !== '') return { object, target: { ...target, name } };
  const base = stringAt(object, 'metadata', 'generateName') ?? '';
  if (base === '') {
    throw invalid(kind, '', [
      {
        field: 'metadata.name',
        type: 'Required',
        message: 'Required value: name or generateName is required',
      },
    ]);
  }
  const generated = freeName(core, kind, target.namespace, base);
  return {
    object: withValue(object, ['metadata', 'name'], generated),
    target: { ...target, name: generated },
  };
}

function freeName(core: Core, kind: Kind, namespace: string, base: string): string {
  let name = generateName(base, core.random);
  for (let attempt = 1; attempt < GENERATE_NAME_LIMIT; attempt++) {
    if (!core.store.get(storageKey(kind), namespace, name)) return name;
    name = generateName(base, core.random);
  }
  return name;
}

/** The metadata of a new object, in the order in which upstream writes it. */
function completeMetadata(core: Core, kind: Kind, object: JsonObject): JsonObject {
  const {
    name,
    generateName: base,
    namespace,
    uid: _uid,
    creationTimestamp: _creationTimestamp,
    resourceVersion: _resourceVersion,
    selfLink: _selfLink,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    managedFields: _managedFields,
    generation: _generation,
    ...rest
  } = objectAt(object, 'metadata');
  return {
    ...object,
    metadata: {
      name,
      ...(base !== undefined && { generateName: base }),
      ...(kind.isNamespaced && typeof namespace === 'string' && { namespace }),
      uid: makeUid(core.random),
      // Set when it is stored; the place is its own.
      resourceVersion: '',
      ...(hasGeneration(kind) && { generation: 1 }),
      creationTimestamp: timestamp(core.clock),
      ...rest,
    },
  };
}
