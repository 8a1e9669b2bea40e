import { isObject, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../object.ts';

export interface Rule extends JsonObject {
  readonly rule: string;
  readonly message: string;
}

/**
 * Rules and where in a schema they stand: `spec.servers[].tls`, `spec.labels{}` for the values of a map, or
 * `**.http.idleTimeout` for all fields whose path ends so.
 */
export type Placement = readonly [where: string | readonly string[], rules: readonly Rule[]];

/** A rule of the definitions, which all have a message. */
export function rule(message: string, expression: string): Rule {
  return { message, rule: expression };
}

/** A rule that at most one of some fields is set; cheap enough for items of lists without a limit. */
export function atMostOne(message: string, ...fields: readonly string[]): Rule {
  const pairs = fields.flatMap((field, i) =>
    fields.slice(i + 1).map((other) => `!(has(self.${field}) && has(self.${other}))`),
  );
  return rule(message, pairs.join(' && '));
}

/** The schema with the rules in it; parts without rules stay the same objects. */
export function withRules(schema: JsonObject, placements: readonly Placement[]): JsonObject {
  const exact = new Map<string, Rule[]>();
  const endings = new Map<string, Rule[]>();
  for (const [where, rules] of placements) {
    for (const one of [where].flat()) {
      const map = one.startsWith('**.') ? endings : exact;
      const key = one.replace('**.', '');
      map.set(key, [...(map.get(key) ?? []), ...rules]);
    }
  }
  const rulesAt = (path: string) => {
    const ending = path
      .replaceAll(/\[\]|\{\}/g, '')
      .split('.')
      .slice(-2)
      .join('.');
    return [...(exact.get(path) ?? []), ...(endings.get(ending) ?? [])];
  };
  return placed(schema, '', rulesAt);
}

function placed(
  schema: JsonObject,
  path: string,
  rulesAt: (path: string) => readonly Rule[],
): JsonObject {
  const changed: Record<string, Json> = {};
  const rules = rulesAt(path);
  if (rules.length > 0) changed['x-kubernetes-validations'] = rules;
  const below = (part: Json | undefined, way: string) =>
    isObject(part) ? placed(part, way, rulesAt) : part;
  const properties = Object.entries(objectAt(schema, 'properties')).map(
    ([name, property]) =>
      [name, property, below(property, path === '' ? name : `${path}.${name}`)] as const,
  );
  if (properties.some(([, before, after]) => before !== after)) {
    changed['properties'] = Object.fromEntries(properties.map(([name, , after]) => [name, after]));
  }
  for (const [key, suffix] of [
    ['items', '[]'],
    ['additionalProperties', '{}'],
  ] as const) {
    const after = below(schema[key], path + suffix);
    if (after !== undefined && after !== schema[key]) changed[key] = after;
  }
  return Object.keys(changed).length === 0 ? schema : { ...schema, ...changed };
}
