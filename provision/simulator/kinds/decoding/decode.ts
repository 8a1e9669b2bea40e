/** Strict decoding (sigs.k8s.io/json as the API server uses it): what a body says twice or says in vain. */
import { fieldPath, isList, isObject } from '../json.ts';
import type { DecodingProblem, Schema } from '../kind.ts';
import { DECODING_LIMIT_PROBLEMS } from '../limits.ts';
import type { Json, JsonObject } from '../object.ts';

export interface Decoded {
  readonly value: Json;
  /** `duplicate field "spec.replicas"`, in the order of the text. */
  readonly problems: readonly DecodingProblem[];
}

/**
 * Parses JSON; of fields that occur twice the last counts, as in Go.
 * @throws SyntaxError for text that is not JSON
 */
export function parseStrict(text: string): Decoded {
  const value: Json = JSON.parse(text);
  return { value, problems: duplicateFields(text) };
}

/** `unknown field "spec.foo"` for every field that the schema has no place for; of custom resources sorted, else in their order. */
export function unknownFields(schema: Schema, object: JsonObject): readonly DecodingProblem[] {
  const paths: string[] = [];
  collect(schema, object, { path: '', paths });
  // Built-in types are decoded field by field; custom resources are pruned and their losses sorted.
  const ordered = schema.definition?.startsWith('io.k8s.') === true ? paths : paths.toSorted();
  return ordered
    .slice(0, DECODING_LIMIT_PROBLEMS)
    .map((path) => ({ message: `unknown field ${JSON.stringify(path)}` }));
}

interface Walk {
  readonly path: string;
  readonly paths: string[];
}

function collect(schema: Schema, value: Json, walk: Walk): void {
  if (isList(value)) {
    const { items } = schema;
    if (!items) return;
    value.forEach((item, i) => collect(items, item, { ...walk, path: `${walk.path}[${i}]` }));
  } else if (isObject(value)) {
    collectObject(schema, value, walk);
  }
}

function collectObject(schema: Schema, object: JsonObject, { path, paths }: Walk): void {
  const { properties, additionalProperties, preservesUnknownFields } = schema;
  if (!properties && !additionalProperties) return;
  for (const [key, value] of Object.entries(object)) {
    const here = fieldPath(path, key);
    const known =
      properties && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (known) {
      if (typeof value === 'object' && value !== null) collect(known, value, { path: here, paths });
    } else if (preservesUnknownFields !== true) {
      paths.push(here);
    }
  }
}

/** An object or list that the scanner is in. */
interface Level {
  /** Keys seen so far; undefined in a list. */
  readonly keys: Set<string> | undefined;
  /** Position in a list. */
  index: number;
  /** Key whose value is being read. */
  key: string;
}

/** Walks over the text's tokens; the text is known to be JSON. */
function duplicateFields(text: string): readonly DecodingProblem[] {
  const problems: DecodingProblem[] = [];
  const levels: Level[] = [];
  // Strings are taken whole, so that their braces do not count; numbers and literals are skipped.
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g)) {
    const [token, colon] = match;
    const level = levels.at(-1);
    if (token === '{') levels.push({ keys: new Set(), index: 0, key: '' });
    else if (token === '[') levels.push({ keys: undefined, index: 0, key: '' });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',') advance(level);
    else if (colon !== undefined && level?.keys) {
      level.key = String(JSON.parse(token.slice(0, -colon.length)));
      if (level.keys.has(level.key) && problems.length < DECODING_LIMIT_PROBLEMS) {
        problems.push({ message: `duplicate field ${JSON.stringify(pathOf(levels))}` });
      }
      level.keys.add(level.key);
    }
  }
  return problems;
}

function advance(level: Level | undefined): void {
  if (level && !level.keys) level.index += 1;
}

function pathOf(levels: readonly Level[]): string {
  return levels.reduce(
    (path, { keys, key, index }) => (keys ? fieldPath(path, key) : `${path}[${index}]`),
    '',
  );
}
