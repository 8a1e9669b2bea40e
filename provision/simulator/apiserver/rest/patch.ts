import { timestamp } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import { badRequest, notFound, unsupportedMediaType } from '../errors.ts';
import { applyConfiguration } from '../managed-fields/apply.ts';
import { configurationError } from '../managed-fields/typed-errors.ts';
import { goText } from '../objects/go-text.ts';
import { asJson, isList, isObject, objectAt, stringAt, withValue } from '../objects/json.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { groupVersion, storageKey } from '../served-kinds.ts';
import type { Call, Core, ObjectName, Written } from './context.ts';
import { createObject } from './create.ts';
import { addressed, readPatched } from './prepare.ts';
import { updateObject } from './update.ts';

export const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A request to patch. */
export interface PatchRequest {
  readonly kind: Kind;
  readonly target: ObjectName;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Media type of the patch. */
  readonly type: string;
  readonly patch: unknown;
  /** Server-side apply: takes fields from other managers. */
  readonly isForced: boolean;
  readonly call: Call;
}

/**
 * Patches an object; server-side apply also creates it.
 * @throws ApiError with the Status a real API server gives
 */
export async function patchObject(core: Core, request: PatchRequest): Promise<Written> {
  if (request.type === PATCH_TYPES.apply) return applyObject(core, request);
  const { kind, target, subresource, patch, type, call } = request;
  const apply = patcherOf(request);
  const quoted = type === PATCH_TYPES.strategic ? { quoted: goText(patch) } : {};
  const object = await updateObject(core, {
    kind,
    target,
    subresource,
    change: (current) => {
      const patched = { object: apply(asJson(current)), ...quoted };
      return addressed(readPatched(kind, patched, call), target);
    },
    call,
  });
  return { object, isNew: false };
}

/** What the patch does to a JSON value of the kind. */
export function patcherOf({
  kind,
  type,
  patch,
}: Pick<PatchRequest, 'kind' | 'type' | 'patch'>): (current: JsonObject) => JsonObject {
  const isCustomResource = kind.isCustom === true;
  if (type === PATCH_TYPES.json) return (current) => jsonPatch(current, patch);
  const isKnown =
    type === PATCH_TYPES.merge || (type === PATCH_TYPES.strategic && !isCustomResource);
  if (!isKnown) {
    const { json, merge, strategic, apply } = PATCH_TYPES;
    throw unsupportedMediaType(
      isCustomResource ? [json, merge, apply] : [json, merge, strategic, apply],
    );
  }
  if (!isObject(patch)) {
    const problem = `json: cannot unmarshal ${isList(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`;
    throw badRequest(type === PATCH_TYPES.merge ? `error decoding patch: ${problem}` : problem);
  }
  return type === PATCH_TYPES.merge
    ? (current) => mergePatch(current, patch)
    : (current) => strategicMergePatch(current, patch, kind.schema);
}

async function applyObject(core: Core, request: PatchRequest): Promise<Written> {
  const { kind, target, subresource, patch, call, isForced } = request;
  const configuration = readConfiguration(kind, target, patch);
  const options = {
    manager: call.fieldManager,
    isForced,
    subresource,
    time: timestamp(core.clock),
  };
  if (!core.store.get(storageKey(kind), target.namespace, target.name)) {
    if (subresource !== '') throw notFound(kind, target.name);
    const { object: body, managedFields } = applyConfiguration(
      kind,
      undefined,
      configuration,
      options,
    );
    const creation = { kind, target, body, call, ...(managedFields && { managedFields }) };
    return { object: await createObject(core, creation), isNew: true };
  }
  let managedFields: Json | undefined;
  const change = (current: KubeObject) => {
    const applied = applyConfiguration(kind, asJson(current), configuration, options);
    managedFields = applied.managedFields;
    const version = stringAt(configuration, 'metadata', 'resourceVersion');
    return withValue(applied.object, ['metadata', 'resourceVersion'], version);
  };
  const object = await updateObject(core, {
    kind,
    target,
    subresource,
    change,
    call,
    managedFields: () => managedFields,
  });
  return { object, isNew: false };
}

/**
 * Reads an applied configuration.
 * @throws ApiError 400 for another kind or given managedFields, 500 for fields that the kind does not have, as upstream
 */
export function readConfiguration(kind: Kind, target: ObjectName, patch: unknown): JsonObject {
  if (!isObject(patch)) {
    throw badRequest('error decoding patch: the configuration is no object');
  }
  const apiVersion = stringAt(patch, 'apiVersion') ?? '';
  const kindName = stringAt(patch, 'kind') ?? '';
  if (apiVersion !== groupVersion(kind) || kindName !== kind.kind) {
    const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${version}, Kind=${kindName}`);
  }
  if (objectAt(patch, 'metadata')['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const error = configurationError(kind, patch);
  if (error) throw error;
  return addressed(patch, target);
}
