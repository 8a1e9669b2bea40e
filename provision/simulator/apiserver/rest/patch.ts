import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { badRequest, unsupportedMediaType } from '../errors.ts';
import { applyConfiguration } from '../managed-fields/apply.ts';
import { fieldValues, type Path } from '../managed-fields/paths.ts';
import { asJson, isObject, listAt, stringAt, withValue } from '../objects/json.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { storageKey } from '../served-kinds.ts';
import type { Call, Core, ObjectName, Written } from './context.ts';
import { createObject } from './create.ts';
import { addressed, readObject, readPatched } from './prepare.ts';
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
  const { kind, target, subresource, patch, call } = request;
  const apply = patcherOf(request);
  const object = await updateObject(core, {
    kind,
    target,
    subresource,
    change: (current) => readPatched(kind, apply(asJson(current)), patch, call),
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
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  }
  return type === PATCH_TYPES.merge
    ? (current) => mergePatch(current, patch)
    : (current) => strategicMergePatch(current, patch, kind.schema);
}

async function applyObject(core: Core, request: PatchRequest): Promise<Written> {
  const { kind, target, subresource, patch, call, isForced } = request;
  if (call.fieldManager === '')
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  const configuration = readConfiguration(kind, target, patch, call);
  if (!core.store.get(storageKey(kind), target.namespace, target.name)) {
    return { object: await createApplied(core, request, configuration), isNew: true };
  }
  let paths: ReadonlySet<Path> = new Set();
  const change = (current: KubeObject) => {
    const applied = applyConfiguration(kind, asJson(current), configuration, {
      manager: call.fieldManager,
      isForced,
      subresource,
    });
    paths = applied.paths;
    const version = stringAt(configuration, 'metadata', 'resourceVersion');
    return withValue(applied.object, ['metadata', 'resourceVersion'], version);
  };
  const track = () => ({ appliedPaths: paths });
  const object = await updateObject(core, { kind, target, subresource, change, call, track });
  return { object, isNew: false };
}

function createApplied(
  core: Core,
  { kind, target, call }: PatchRequest,
  configuration: JsonObject,
): Promise<KubeObject> {
  const appliedPaths = new Set(fieldValues(configuration, kind.schema).keys());
  return createObject(core, { kind, target, body: configuration, call, track: { appliedPaths } });
}

function readConfiguration(kind: Kind, target: ObjectName, patch: unknown, call: Call): JsonObject {
  if (!isObject(patch)) throw badRequest('error decoding YAML: the configuration is no object');
  if (stringAt(patch, 'apiVersion') === undefined || stringAt(patch, 'kind') === undefined) {
    throw badRequest('the applied configuration must name its apiVersion and kind');
  }
  const object = readObject(kind, addressed(patch, target), call);
  if (listAt(object, 'metadata', 'managedFields').length > 0) {
    throw badRequest('metadata.managedFields must be nil');
  }
  return object;
}
