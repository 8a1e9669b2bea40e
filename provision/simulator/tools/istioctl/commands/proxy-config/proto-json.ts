import { isList, isObject } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';

/** Fields whose keys are data, not names of fields: maps, and Structs. */
const MAPS: ReadonlySet<string> = new Set([
  'filter_metadata',
  'labels',
  'policies',
  'typed_extension_protocol_options',
  'typed_filter_metadata',
  'typed_per_filter_config',
]);

/**
 * A message as protobuf's own JSON has it (`routeConfigName`), which istioctl prints; Envoy's admin pages keep the names of
 * the definitions (`route_config_name`). Without the type of the message itself.
 */
export function protoJson(message: JsonObject): JsonObject {
  const { '@type': _, ...fields } = message;
  return renamed(fields);
}

function renamed(message: JsonObject): JsonObject {
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    fields[camel(name)] = MAPS.has(name) || isStruct(name, message) ? inMap(value) : inField(value);
  }
  return fields;
}

/** `metadata` of a node and of a build is a Struct; of anything else, a message. */
function isStruct(name: string, message: JsonObject): boolean {
  if (name !== 'metadata') return false;
  return message['cluster'] !== undefined || message['version'] !== undefined;
}

function inField(value: Json): Json {
  if (isObject(value)) return renamed(value);
  return isList(value) ? value.map(inField) : value;
}

/** The keys of a map stay; its values are messages when they say their type. */
function inMap(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      isObject(item) && (typeof item['@type'] === 'string' || 'permissions' in item)
        ? renamed(item)
        : item,
    ]),
  );
}

function camel(name: string): string {
  return name.startsWith('@')
    ? name
    : name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
