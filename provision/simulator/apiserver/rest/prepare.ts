import { unknownFields } from '../../kinds/decode.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { validateShape } from '../../kinds/structural.ts';
import { badRequest, invalid } from '../errors.ts';
import { convert } from '../objects/convert.ts';
import { objectOr, stringAt, toKubeObject, withValue } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import type { Call, ObjectName } from './context.ts';
import { goText } from './go-text.ts';
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
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): the API version in the data (${apiVersion}, Kind=${bodyKind}) does not match the expected API version (${version}, Kind=${kind.kind})`,
    );
  }
  const object = { ...body, apiVersion, kind: kind.kind };
  const problems = fieldProblems(kind, object, call);
  if (problems.length > 0) {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${problems.join(', ')}`,
    );
  }
  return checkShape(kind, pruneUnknown(object, kind.schema));
}

/** Reads the result of a patch; what is wrong with it is said of the patch, as upstream does. */
export function readPatched(
  kind: Kind,
  object: JsonObject,
  patch: unknown,
  call: Call,
): JsonObject {
  const problems = fieldProblems(kind, object, call);
  if (problems.length > 0) {
    throw invalid({ group: '', kind: '' }, '', [
      {
        field: 'patch',
        type: 'Invalid',
        message: `Invalid value: ${JSON.stringify(goText(patch))}: strict decoding error: ${problems.join(', ')}`,
      },
    ]);
  }
  return checkShape(kind, pruneUnknown(object, kind.schema));
}

/** The object in the version it is stored in. */
export function toStorage(object: JsonObject, storage: Kind): JsonObject {
  return convert(object, groupVersion(storage));
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
  if (namespace !== '' && namespace !== target.namespace) {
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
  const { namespace: _namespace, ...rest } = objectOr(metadata);
  return {
    ...body,
    metadata: {
      ...rest,
      ...(target.name !== '' && { name: target.name }),
      ...(target.namespace !== '' && { namespace: target.namespace }),
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

function checkShape(kind: Kind, object: JsonObject): JsonObject {
  validateShape(kind, object);
  return object;
}
