/** The standard channel of the Gateway API: the package's types also hold what is experimental. */
import { isObject, listAt, stringAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';

/** Fields that the standard channel of release 1.5 does not have, wherever they stand. */
const EXPERIMENTAL_FIELDS = [
  'defaultScope',
  'externalAuth',
  'retry',
  'sessionPersistence',
  'useDefaultGateways',
];
const RULES = 'x-kubernetes-validations';

/** A schema without experimental fields and the rules that speak of them. */
export function standardSchema(schema: JsonObject): JsonObject {
  const kept = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'properties' && isObject(value)
        ? standardProperties(value)
        : isObject(value) && (key === 'items' || key === 'additionalProperties')
          ? standardSchema(value)
          : value,
    ]),
  );
  const rules = listAt(kept, RULES).filter((rule) => !isExperimental(rule));
  const { [RULES]: _rules, ...others } = kept;
  return rules.length === 0 ? others : { ...others, [RULES]: rules };
}

function standardProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !EXPERIMENTAL_FIELDS.includes(name))
      .map(([name, property]) => [name, isObject(property) ? standardSchema(property) : property]),
  );
}

function isExperimental(rule: Json): boolean {
  const text = stringAt(rule, 'rule');
  return EXPERIMENTAL_FIELDS.some((name) => new RegExp(`\\.${name}\\b`).test(text));
}
