import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { CommandError } from '../istioctl/cli/command.ts';

/** A list longer than this is a slip of the keyboard; helm's own limit. */
const MOST_INDEX = 65_536;

/**
 * Lays `a.b=1,c[0].d=x,e={1,2}` over values (helm's page "The Format and Limitations of --set"); `\` takes the meaning from `.`,
 * `,` and `=`; null removes.
 * @param isText all values stay text, as `--set-string` has it
 * @throws CommandError for text that does not parse
 */
export function setValues(values: JsonObject, text: string, isText: boolean): JsonObject {
  let result = values;
  for (const assignment of split(text, ',')) {
    const [path = '', ...rest] = split(assignment, '=');
    if (rest.length === 0) {
      throw new CommandError(`failed parsing --set data: key "${assignment}" has no value`);
    }
    const set = setAt(result, stepsOf(path), valueOf(rest.join('='), isText));
    result = isObject(set) ? set : result;
  }
  return result;
}

/** Lays values over others: objects key by key, all else replaced, null removed. */
export function layOver(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = base[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(below) && isObject(value) ? layOver(below, value) : value;
  }
  return merged;
}

type Step = string | number;

function stepsOf(path: string): readonly Step[] {
  return split(path, '.').flatMap((part): readonly Step[] => {
    const [, key = part, indices = ''] = /^(.*?)((?:\[\d+\])*)$/.exec(part) ?? [];
    const numbers = [...indices.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    const tooFar = numbers.find((index) => index > MOST_INDEX);
    if (tooFar !== undefined) {
      throw new CommandError(
        `failed parsing --set data: index of ${tooFar} is greater than maximum supported index of ${MOST_INDEX}`,
      );
    }
    return [plain(key), ...numbers];
  });
}

function setAt(tree: Json | undefined, [step, ...rest]: readonly Step[], value: Json): Json {
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list = isList(tree) ? [...tree] : [];
    while (list.length < step) list.push(null);
    list[step] = setAt(list[step], rest, value);
    return list;
  }
  const object: Record<string, Json | undefined> = isObject(tree) ? { ...tree } : {};
  object[step] = setAt(object[step], rest, value);
  return object;
}

function valueOf(text: string, isText: boolean): Json {
  if (/^\{.*\}$/s.test(text)) {
    const inside = text.slice(1, -1);
    return inside === '' ? [] : split(inside, ',').map((item) => scalarOf(plain(item), isText));
  }
  return scalarOf(plain(text), isText);
}

function scalarOf(text: string, isText: boolean): Json {
  if (isText) return text;
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** Parts between separators that stand neither after a backslash nor within braces. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let place = 0; place < text.length; place++) {
    const letter = text.charAt(place);
    const last = parts.length - 1;
    if (letter === '\\') parts[last] += letter + text.charAt(++place);
    else if (letter === separator && depth === 0) parts.push('');
    else {
      if (letter === '{') depth++;
      if (letter === '}') depth--;
      parts[last] += letter;
    }
  }
  return parts;
}

function plain(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}
