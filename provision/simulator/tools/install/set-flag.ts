import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { OperatorError } from './operator-error.ts';

/** One step of a path: a key, a place in a list, or the list item that has a field of this value. */
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
 * Reads `components.egressGateways[name:istio-egressgateway].enabled=true`; `\.` is a dot within a key.
 * @throws OperatorError for text without `=` or a path that does not parse
 */
export function parseSetFlag(text: string): SetFlag {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    throw new OperatorError(
      `bad format ${JSON.stringify(text)} in --set: expected a path, "=" and a value`,
    );
  }
  return { path: parsePath(text.slice(0, equals)), value: parseValue(text.slice(equals + 1)) };
}

/** `tree` with `value` at `path`; objects, and list items asked for by field, are made on the way. */
export function setAt(tree: Json | undefined, path: readonly PathStep[], value: Json): Json {
  const [step, ...rest] = path;
  if (!step) return value;
  switch (step.type) {
    case 'key': {
      const object: JsonObject = isObject(tree) ? tree : {};
      return { ...object, [step.key]: setAt(object[step.key], rest, value) };
    }
    case 'index':
      return setInList(isList(tree) ? tree : [], step.index, { rest, value });
    case 'item': {
      const list = isList(tree) ? tree : [];
      const found = list.findIndex((item) => isObject(item) && item[step.field] === step.value);
      if (found >= 0) return setInList(list, found, { rest, value });
      return [...list, setAt({ [step.field]: step.value }, rest, value)];
    }
    default:
      return step satisfies never;
  }
}

function setInList(
  list: readonly Json[],
  index: number,
  { rest, value }: { readonly rest: readonly PathStep[]; readonly value: Json },
): Json {
  if (index > list.length) {
    throw new OperatorError(
      `index ${index} in --set is beyond the end of a list of ${list.length}`,
    );
  }
  return [...list.slice(0, index), setAt(list[index], rest, value), ...list.slice(index + 1)];
}

function parsePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  for (const part of text.split(/(?<!\\)\./)) {
    const [, key, selectors] = /^((?:[^[\]\\]|\\.)+)((?:\[[^\]]+\])*)$/.exec(part) ?? [];
    if (key === undefined) throw new OperatorError(`bad path ${JSON.stringify(text)} in --set`);
    steps.push({ type: 'key', key: key.replaceAll(/\\(.)/g, '$1') });
    for (const [, inside] of (selectors ?? '').matchAll(/\[([^\]]+)\]/g)) {
      steps.push(parseSelector(inside ?? ''));
    }
  }
  return steps;
}

function parseSelector(inside: string): PathStep {
  if (/^\d+$/.test(inside)) return { type: 'index', index: Number(inside) };
  const colon = inside.indexOf(':');
  if (colon <= 0) throw new OperatorError(`bad list selector [${inside}] in --set`);
  return { type: 'item', field: inside.slice(0, colon), value: inside.slice(colon + 1) };
}

/** Istio reads whole numbers, fractions, booleans and JSON lists or objects; all else is text. */
function parseValue(text: string): Json {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return Number(text);
  if (/^\{.*\}$|^\[.*\]$/s.test(text)) return parseStructure(text);
  return text;
}

function parseStructure(text: string): Json {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) || isList(parsed) ? parsed : text;
  } catch {
    // Helm's own list syntax.
    return text.startsWith('{') ? text.slice(1, -1).split(',').map(parseValue) : text;
  }
}
