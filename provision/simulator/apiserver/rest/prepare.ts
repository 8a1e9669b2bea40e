import { ApiError } from '../../client/api-error.ts';
import { unknownFields } from '../../kinds/decoding/decode.ts';
import { validateShape } from '../../kinds/decoding/structural.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { badRequest, invalid } from '../errors.ts';
import { convert } from '../objects/convert.ts';
import { objectAt, objectOr, stringAt, toKubeObject, withValue } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import type { Call, ObjectName } from './context.ts';
import { pruneUnknown } from './prune.ts';

/**
 * Reads a body as an object of `kind`: the fields are checked as the request's fieldValidation says, unknown ones go.
 * @throws ApiError 400 for another kind, for unknown fields under Strict and for values of the wrong type
 */
export function readObject(kind: Kind, body: JsonObject, call: Call): JsonObject {
  const version = groupVersion(kind);
  const apiVersion = stringAt(body, 'apiVersion') ?? version;
  const bodyKind = stringAt(body, 'kind') ?? kind.kind;
  if (apiVersion !== version || bodyKind !== kind.kind) {
    throw badRequest(otherKind(kind, apiVersion, bodyKind));
  }
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = body;
  // In the order in which upstream writes them.
  const object = {
    kind: kind.kind,
    apiVersion,
    ...(metadata !== undefined && { metadata }),
    ...rest,
  };
  // What is wrong is said in the order of the body.
  const problems = fieldProblems(kind, body, call);
  if (problems.length > 0) {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${problems.join(', ')}`,
    );
  }
  return checkShape(kind, pruneUnknown(object, kind.schema));
}

/** Upstream's words for a body that is something else than the URL says. */
function otherKind(kind: Kind, apiVersion: string, name: string): string {
  const version = groupVersion(kind);
  if (kind.isCustom === true) {
    return `the object provided is unrecognized (must be of type ${kind.kind}): the API version in the data (${apiVersion}, Kind=${name}) does not match the expected API version (${version}, Kind=${kind.kind})`;
  }
  const given = apiVersion.split('/').at(-1) ?? '';
  const known = builtinKinds().find((one) => groupVersion(one) === apiVersion && one.kind === name);
  if (known && known.kind === kind.kind) {
    return `the API version in the data (${apiVersion}) does not match the expected API version (${version})`;
  }
  const internal = kind.group === '' ? 'core' : (kind.group.split('.', 1)[0] ?? '');
  const why = known
    ? `converting (${given}.${name}) to (${internal}.${kind.kind}): unknown conversion`
    : unregistered(apiVersion, name);
  return `${name} in version ${JSON.stringify(given)} cannot be handled as a ${kind.kind}: ${why}`;
}

function unregistered(apiVersion: string, kind: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
}

/** What a patch made of an object. */
export interface Patched {
  readonly object: JsonObject;
  /** The patch as messages quote it; by default what it made. */
  readonly quoted?: string;
}

/**
 * Reads the result of a patch; what is wrong with it is said of the patch, as upstream does.
 * @throws ApiError 422 for unknown fields under Strict and for values of the wrong type
 */
export function readPatched(kind: Kind, { object, quoted }: Patched, call: Call): JsonObject {
  const refuse = (problem: string) =>
    invalid({ group: '', kind: '' }, '', [
      {
        field: 'patch',
        type: 'Invalid',
        message: `Invalid value: ${JSON.stringify(quoted ?? JSON.stringify(object))}: ${problem}`,
      },
    ]);
  const problem = typeProblem(kind, object, quoted !== undefined);
  if (problem !== undefined) throw refuse(problem);
  const problems = fieldProblems(kind, object, call);
  if (problems.length > 0) throw refuse(`strict decoding error: ${problems.join(', ')}`);
  return pruneUnknown({ ...object, apiVersion: groupVersion(kind), kind: kind.kind }, kind.schema);
}

/** The object in the version it is stored in. */
export function toStorage(object: JsonObject, storage: Kind): JsonObject {
  return convert(withoutEmptyMetadata(object), groupVersion(storage));
}

const LEFT_OUT_WHEN_EMPTY = ['labels', 'annotations', 'ownerReferences', 'finalizers'];

/** Go leaves out what is empty, so that nobody ever reads an empty list of finalizers. */
function withoutEmptyMetadata(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const empty = LEFT_OUT_WHEN_EMPTY.filter((key) => {
    const value = metadata[key];
    return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  });
  if (empty.length === 0) return object;
  const kept = Object.entries(metadata).filter(([key]) => !empty.includes(key));
  return { ...object, metadata: Object.fromEntries(kept) };
}

/** Makes the object of a write from the revision that the store gives it. */
export function atRevision(object: JsonObject): (revision: number) => KubeObject {
  return (revision) =>
    toKubeObject(withValue(object, ['metadata', 'resourceVersion'], String(revision)));
}

/** Checks that a body speaks of the object that the URL names, and completes it with the URL's names. */
export function addressed(body: JsonObject, target: ObjectName): JsonObject {
  const metadata = body['metadata'];
  const namespace = stringAt(metadata, 'namespace') ?? '';
  // Of what has no namespace, upstream ignores the one that is given.
  if (namespace !== '' && target.namespace !== '' && namespace !== target.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const name = stringAt(metadata, 'name') ?? '';
  if (target.name !== '' && name !== '' && name !== target.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  const { name: given, namespace: _namespace, ...rest } = objectOr(metadata);
  const named = target.name === '' ? given : target.name;
  return {
    ...body,
    metadata: {
      ...(named !== undefined && { name: named }),
      ...(target.namespace !== '' && { namespace: target.namespace }),
      ...rest,
    },
  };
}

function fieldProblems(kind: Kind, object: JsonObject, call: Call): readonly string[] {
  if (call.fieldValidation === 'Ignore') return [];
  const unknown = unknownFields(kind.schema, object).map(({ message }) => message);
  const problems = [...call.decodingProblems, ...unknown];
  if (call.fieldValidation === 'Strict') return problems;
  call.warnings.push(...problems);
  return [];
}

/** What a patch made of the object's type: a strategic one cannot change the kind, a JSON patch must not. */
function typeProblem(kind: Kind, object: JsonObject, isStrategic: boolean): string | undefined {
  const version = stringAt(object, 'apiVersion') ?? '';
  const name = stringAt(object, 'kind') ?? '';
  if (!isStrategic && (version !== groupVersion(kind) || name !== kind.kind)) {
    return unregistered(version, name);
  }
  const problem = shapeProblem(kind, object);
  return problem !== undefined && isStrategic ? conversionProblem(problem) : problem;
}

function shapeProblem(kind: Kind, object: JsonObject): string | undefined {
  try {
    validateShape(kind, object);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message.replace(/^.*? cannot be handled as a \w+: /, '');
  }
}

/** A strategic patch is not decoded from JSON but converted, which says the same in other words. */
function conversionProblem(problem: string): string {
  const [, from = '', to = ''] = /cannot unmarshal (\S+).* of type (\S+)$/.exec(problem) ?? [];
  const source = CONVERTED[from] ?? from;
  if (to.startsWith('map[')) return `cannot restore map from ${source}`;
  if (to.startsWith('[]')) return `cannot restore slice from ${source}`;
  if (to.includes('.')) return `cannot restore struct from: ${source}`;
  if (to === '') return problem;
  return from === 'number' ? `cannot convert int64 to ${to}` : `unrecognized type: ${to}`;
}

const CONVERTED: Readonly<Record<string, string>> = {
  object: 'map',
  array: 'slice',
  number: 'int64',
};

function checkShape(kind: Kind, object: JsonObject): JsonObject {
  validateShape(kind, object);
  return object;
}
