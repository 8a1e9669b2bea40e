import { at, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';

export {
  asJson,
  at,
  isList,
  isObject,
  isSame,
  listAt,
  numberAt,
  objectAt,
  stringMapAt,
  stringsAt,
} from '../../kinds/json.ts';

/** `value` as a JSON object; an empty one when it is something else. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The string under `path`; undefined when there is none. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A copy of `object` with `value` under `path`; undefined takes the key away. Objects on the way are copied, not changed. */
export function withValue(
  object: JsonObject,
  path: readonly string[],
  value: Json | undefined,
): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const next = rest.length === 0 ? value : withValue(objectOr(object[key]), rest, value);
  if (next !== undefined) return { ...object, [key]: next };
  const { [key]: _removed, ...others } = object;
  return others;
}

/** JSON that has been through the server's own completion of metadata, as an object of the API. */
export function toKubeObject(json: JsonObject): KubeObject {
  if (!isKubeObject(json)) {
    throw new TypeError('Cannot store the object: apiVersion, kind or metadata.name is missing');
  }
  return json;
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    stringAt(value, 'apiVersion') !== undefined &&
    stringAt(value, 'kind') !== undefined &&
    stringAt(value, 'metadata', 'name') !== undefined
  );
}
