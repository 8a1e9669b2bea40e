import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';

import { closest } from './closest.ts';
import { fieldSchema, resolved, type Schema, type Schemas } from './schema.ts';
import { rangeOf, type ValueType, type YamlProblem } from './yaml-problem.ts';

/** Where a value stands. */
interface Place {
  readonly all: Schemas;
  /** Of the field, for the sentences. */
  readonly name: string;
  /** Its key, where a missing field is told. */
  readonly at: { readonly from: number; readonly to: number };
}

/** What of a map is not as its schema says. */
export function checkMap(map: YAMLMap, raw: Schema, place: Place): readonly YamlProblem[] {
  const { all, name, at } = place;
  const schema = resolved(raw, all);
  const problems: YamlProblem[] = [];
  const present = new Set<string>();
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const field = String(key.value);
    present.add(field);
    const [from, to] = rangeOf(key);
    const own = fieldSchema(schema, field, all);
    if (own === undefined) {
      // `<<` takes in another map; what is in it is not looked at.
      if (field === '<<') return [];
      const suggestion = closest(field, Object.keys(schema.properties ?? {}));
      problems.push({ from, to, type: 'unknownField', parent: name, field, suggestion });
    } else if (own !== true) {
      problems.push(...checkValue(value, own, { all, name: field, at: { from, to } }));
    }
  }
  for (const field of schema.required ?? []) {
    if (!present.has(field)) problems.push({ ...at, type: 'required', field });
  }
  return problems;
}

function checkValue(value: unknown, schema: Schema, place: Place): readonly YamlProblem[] {
  const { all, name, at } = place;
  // What an alias stands for is checked where it is defined; the API server drops what is empty.
  const actual = typeOf(value);
  if (actual === undefined || actual === 'null') return [];
  const expected = expectedType(schema);
  const [from, to] = isScalar(value) ? rangeOf(value) : [at.from, at.to];
  if (expected !== undefined && !fits(actual, expected)) {
    return [{ from, to, type: 'type', field: name, expected, actual }];
  }
  if (isMap(value)) return checkMap(value, schema, place);
  if (isSeq(value)) {
    const items = schema.items && resolved(schema.items, all);
    return items
      ? value.items.flatMap((item) => checkValue(item, items, itemPlace(item, place)))
      : [];
  }
  const values = schema.enum?.map(String);
  if (!isScalar(value) || !values || values.includes(String(value.value))) return [];
  return [{ from, to, type: 'enum', field: name, values }];
}

/** What is missing in an item is told at its first key. */
function itemPlace(item: unknown, place: Place): Place {
  const first = isMap(item) ? item.items[0]?.key : undefined;
  if (first === undefined) return place;
  const [from, to] = rangeOf(first);
  return { ...place, at: { from, to } };
}

function typeOf(value: unknown): ValueType | undefined {
  if (value === null || value === undefined) return 'null';
  if (isAlias(value)) return undefined;
  if (isMap(value)) return 'object';
  if (isSeq(value)) return 'array';
  if (!isScalar(value)) return undefined;
  const { value: plain } = value;
  if (plain === null) return 'null';
  if (typeof plain === 'number') return Number.isInteger(plain) ? 'integer' : 'number';
  if (typeof plain === 'boolean') return 'boolean';
  return 'string';
}

function expectedType(schema: Schema): ValueType | undefined {
  // Kubernetes writes amounts and ports as it is asked: 1 and "1" are the same to it.
  if (schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string') {
    return undefined;
  }
  const names = ['string', 'number', 'integer', 'boolean', 'object', 'array'] as const;
  return names.find((one) => one === schema.type);
}

function fits(actual: ValueType, expected: ValueType): boolean {
  return actual === expected || (actual === 'integer' && expected === 'number');
}
