import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { OperatorError } from './operator-error.ts';
import { textAt } from './tree.ts';

/** One step of a path: a key, a place in a list, or the list item that has a field of this value (without field: that is it). */
export type PathStep =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'item'; readonly field: string; readonly value: string };

/** `--set` taken apart. */
export interface SetFlag {
  readonly path: readonly PathStep[];
  readonly value: Json;
}

/**
 * Reads `components.egressGateways[0].enabled=true`; `\.` is a dot within a key, and without `=` the value is empty.
 * @throws OperatorError for a path that does not parse
 */
export function parseSetFlag(text: string): SetFlag {
  const equals = text.indexOf('=');
  const path = (equals < 0 ? text : text.slice(0, equals)).trim();
  const value = equals < 0 ? '' : text.slice(equals + 1).trim();
  return { path: parsePath(path), value: isAlwaysText(path) ? value : parseValue(value) };
}

/** Settings that look like numbers and are none: a tag such as 1.30 keeps its zero. */
const TEXTS = [
  'values.compatibilityVersion',
  'tag',
  'values.global.tag',
  'meshConfig.defaultConfig.proxyMetadata.',
  'values.meshConfig.defaultConfig.proxyMetadata.',
  'compatibilityVersion',
];

function isAlwaysText(path: string): boolean {
  return TEXTS.some((start) => path.startsWith(start));
}

/**
 * `tree` with `value` at `path`; objects and the next item of a list are made on the way.
 * @throws OperatorError where a list has no such item, or something else than an object or a list stands in the way
 */
export function setAt(tree: Json | undefined, path: readonly PathStep[], value: Json): Json {
  const [step, ...rest] = path;
  if (!step) return value;
  if (step.type === 'key') {
    const object = asObject(tree);
    return { ...object, [step.key]: setAt(object[step.key], rest, value) };
  }
  const list = asList(tree);
  const found = step.type === 'index' ? step.index : placeOf(list, step);
  return found < 0 || found >= list.length
    ? [...list, setAt(undefined, rest, value)]
    : list.with(found, setAt(list[found], rest, value));
}

/**
 * `tree` without what is at `path`.
 * @throws OperatorError as setAt does
 */
export function removeAt(tree: Json | undefined, path: readonly PathStep[]): Json {
  const [step, ...rest] = path;
  if (!step) return tree ?? null;
  if (step.type === 'key') {
    const { [step.key]: below, ...others } = asObject(tree);
    if (below === undefined || rest.length === 0) return others;
    return { ...others, [step.key]: removeAt(below, rest) };
  }
  const list = asList(tree);
  const found = step.type === 'index' ? step.index : placeOf(list, step);
  if (found < 0 || found >= list.length) return list;
  return rest.length === 0
    ? list.toSpliced(found, 1)
    : list.with(found, removeAt(list[found], rest));
}

function placeOf(list: readonly Json[], step: PathStep & { readonly type: 'item' }): number {
  const { field, value } = step;
  const found = list.findIndex(
    (item) => (field === '' ? textAt(item) : textAt(item, field)) === value,
  );
  if (found < 0) throw new OperatorError(`element [${field}:${value}] not found`);
  return found;
}

function asObject(tree: Json | undefined): JsonObject {
  if (tree === undefined || tree === null) return {};
  if (isObject(tree)) return tree;
  throw new OperatorError(`not a map, got ${isList(tree) ? 'list' : typeof tree}: ${textAt(tree)}`);
}

function asList(tree: Json | undefined): readonly Json[] {
  if (tree === undefined || tree === null) return [];
  if (isList(tree)) return tree;
  throw new OperatorError(
    `not a list, got ${isObject(tree) ? 'map' : typeof tree}: ${textAt(tree)}`,
  );
}

/**
 * The steps of `spec.template.spec.containers.[name:discovery].args.[0]`; the dot before a bracket may be left out.
 * @throws OperatorError for brackets that hold neither a number nor `field:value`
 */
export function parsePath(text: string): readonly PathStep[] {
  return text
    .split(/(?<!\\)\.(?![^[\]]*\])/)
    .filter((part) => part !== '')
    .flatMap((part) => {
      const bracket = part.indexOf('[');
      const name = bracket < 0 ? part : part.slice(0, bracket);
      const key: PathStep[] =
        name === '' ? [] : [{ type: 'key', key: name.replaceAll('\\.', '.') }];
      return bracket < 0 ? key : [...key, parseSelector(part.slice(bracket))];
    });
}

function parseSelector(segment: string): PathStep {
  const inside = /^\[(.*)\]$/.exec(segment)?.[1] ?? '';
  if (/^-?\d+$/.test(inside)) return { type: 'index', index: Number(inside) };
  const colon = inside.indexOf(':');
  if (colon < 0) throw new OperatorError(`unknown segment ${segment}`);
  return { type: 'item', field: inside.slice(0, colon), value: inside.slice(colon + 1) };
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Whole numbers, fractions and booleans as Go reads them; all else is text. */
function parseValue(text: string): Json {
  if (/^[+-]?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  return text.replaceAll('\\,', ',');
}
