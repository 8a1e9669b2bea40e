/** What an update may do to metadata (apiserver, registry/rest/update.go; apimachinery, api/validation). */
import type { FieldError } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import { isList, objectAt } from '../objects/json.ts';

const KEPT = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
  'generateName',
];

/** Go leaves these out when they are empty. */
const LISTS = ['finalizers', 'ownerReferences'];

/** The wanted object with what an update cannot change as it was. */
export function keepMetadata(wanted: JsonObject, old: JsonObject): JsonObject {
  const metadata: Record<string, Json | undefined> = { ...objectAt(wanted, 'metadata') };
  const oldMetadata = objectAt(old, 'metadata');
  for (const key of KEPT) {
    if (oldMetadata[key] === undefined) delete metadata[key];
    else metadata[key] = oldMetadata[key];
  }
  for (const key of LISTS) {
    const list = metadata[key];
    if (isList(list) && list.length === 0) delete metadata[key];
  }
  return { ...wanted, metadata };
}

/** What a client wanted to change of the metadata and may not; `object` is what would be stored. */
export function metadataErrors(
  wanted: JsonObject,
  object: KubeObject,
  old: KubeObject,
): readonly FieldError[] {
  const asked = objectAt(wanted, 'metadata');
  const { uid, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  const grace = asked['deletionGracePeriodSeconds'] ?? undefined;
  return [
    ...finalizerErrors(object, old),
    ...immutable('uid', asked['uid'] === '' ? undefined : asked['uid'], uid),
    ...(deletionTimestamp === undefined
      ? immutable('deletionTimestamp', asked['deletionTimestamp'], undefined)
      : []),
    ...immutable('deletionGracePeriodSeconds', grace, deletionGracePeriodSeconds),
  ];
}

function immutable(
  key: string,
  wanted: Json | undefined,
  old: Json | undefined,
): readonly FieldError[] {
  if (wanted === undefined || wanted === null || wanted === old) return [];
  const message = `Invalid value: ${JSON.stringify(wanted)}: field is immutable`;
  return [{ field: `metadata.${key}`, type: 'Invalid', message }];
}

function finalizerErrors(object: KubeObject, old: KubeObject) {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = old.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  if (added.length === 0) return [];
  const names = added.map((name) => JSON.stringify(name)).join(', ');
  return [
    {
      field: 'metadata.finalizers',
      type: 'Forbidden',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`,
    } as const,
  ];
}
