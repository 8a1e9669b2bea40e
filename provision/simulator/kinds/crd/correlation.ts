/** Which part of an old object a part of a new one comes from (Kubernetes documentation, "Transition rules" and "Validation ratcheting"). */
import { fieldPath, isList, isObject, isSame, listAt, objectAt, stringsAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';

/** A value of an object, where it stands and what stood there before. */
export interface Place {
  readonly value: Json;
  /** Undefined when there was nothing, or when nobody can tell what it was. */
  readonly old: Json | undefined;
  /** Empty for the whole object. */
  readonly path: string;
  /** Whether it is as it was; where nobody can tell, whether all around it is. */
  readonly isUnchanged: boolean;
}

export function rootPlace(value: JsonObject, old: JsonObject | undefined): Place {
  return { value, old, path: '', isUnchanged: old !== undefined && isSame(value, old) };
}

/** A schema and a value below a place. */
type Child = readonly [Json | undefined, Place];

/** The values right below a place whose schemas are wanted, each with its schema. */
export function childrenOf(
  raw: JsonObject,
  place: Place,
  isWanted: (schema: Json | undefined) => boolean,
): readonly Child[] {
  const { value } = place;
  if (isList(value)) return isWanted(raw['items']) ? itemsOf(raw, value, place) : [];
  if (!isObject(value)) return [];
  const fields = Object.entries(value).filter(([key]) => isWanted(schemaAt(raw, key)));
  return fieldsOf(raw, fields, place);
}

function schemaAt(raw: JsonObject, key: string): Json | undefined {
  const properties = objectAt(raw, 'properties');
  return Object.hasOwn(properties, key) ? properties[key] : raw['additionalProperties'];
}

function fieldsOf(
  raw: JsonObject,
  fields: readonly (readonly [string, Json | undefined])[],
  place: Place,
): readonly Child[] {
  const properties = objectAt(raw, 'properties');
  const isAtomic = raw['x-kubernetes-map-type'] === 'atomic';
  const before = isObject(place.old) && !isAtomic ? place.old : undefined;
  return fields.flatMap(([key, field]) => {
    if (field === undefined) return [];
    const isNamed = Object.hasOwn(properties, key);
    const path = isNamed ? fieldPath(place.path, key) : `${place.path}[${key}]`;
    const old = before !== undefined && Object.hasOwn(before, key) ? before[key] : undefined;
    return [[schemaAt(raw, key), child(field, old, path, place)] as const];
  });
}

/** Items of lists are known again by their keys; those of other lists are not. */
function itemsOf(raw: JsonObject, list: readonly Json[], place: Place): readonly Child[] {
  const keys = stringsAt(raw, 'x-kubernetes-list-map-keys');
  const isKeyed = raw['x-kubernetes-list-type'] === 'map' && keys.length > 0;
  const before = isKeyed ? listAt({ old: place.old ?? null }, 'old') : [];
  return list.map((item, i) => {
    const old = before.find((other) =>
      keys.every((key) => isSame(objectAt(other)[key], objectAt(item)[key])),
    );
    return [raw['items'], child(item, old, `${place.path}[${i}]`, place)] as const;
  });
}

function child(value: Json, old: Json | undefined, path: string, around: Place): Place {
  const isUnchanged = around.isUnchanged || (old !== undefined && isSame(value, old));
  return { value, old, path, isUnchanged };
}
