/** The simple JSONPath that columns and field selectors of CRDs use: `.spec.hosts`, `.a[0].b`, `.c[?(@.type=="Ready")].status`. */
import { remembering } from '../../remember.ts';
import { asText, isList, isObject, isUnset } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'all' }
  | { readonly type: 'filter'; readonly path: readonly Step[]; readonly value: string };

const stepsOf = remembering(parse);

/** All values that `path` leads to. */
export function valuesAt(object: JsonObject, path: string): readonly Json[] {
  return follow([object], stepsOf(path));
}

/** The first value that `path` leads to, as text; empty when there is none. */
export function fieldText(object: JsonObject, path: string): string {
  const [value] = valuesAt(object, path);
  return isUnset(value) ? '' : asText(value);
}

function follow(values: readonly Json[], steps: readonly Step[]): readonly Json[] {
  return steps.reduce<readonly Json[]>(
    (here, step) => here.flatMap((value) => take(value, step)),
    values,
  );
}

function take(value: Json, step: Step): readonly Json[] {
  switch (step.type) {
    case 'field': {
      const found =
        isObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = isList(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      if (isList(value)) return value;
      return isObject(value) ? Object.values(value).filter((item) => item !== undefined) : [];
    case 'filter':
      break;
  }
  return isList(value) ? value.filter((item) => isFitting(item, step)) : [];
}

type Filter = Extract<Step, { readonly type: 'filter' }>;

function isFitting(item: Json, { path, value }: Filter): boolean {
  return follow([item], path).some((found) => asText(found) === value);
}

const TOKEN =
  /\.?((?:[^\s.,*[\]$@{}\\]|\\.)(?:[^\s.,[\]$@{}\\]|\\.)*)|\[(-?\d+)\]|(\[\*\]|\.\*)|\[['"]([^'"]+)['"]\]|\[\?\(\s*@([^=]+?)\s*==\s*(?:["']([^"']*)["']|([\w.]+))\s*\)\]/y;

function parse(path: string): readonly Step[] {
  const text = path.replace(/^\{|\}$/g, '');
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    // What we cannot read leads nowhere, as a path to a missing field does.
    if (!match) return [{ type: 'field', name: text.slice(at) }];
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [, field, index, all, quoted, filter, quotedValue, bareValue] = match;
  if (field !== undefined) return { type: 'field', name: field.replaceAll(/\\(.)/g, '$1') };
  if (quoted !== undefined) return { type: 'field', name: quoted };
  if (index !== undefined) return { type: 'index', index: Number(index) };
  if (all !== undefined) return { type: 'all' };
  const end = TOKEN.lastIndex;
  const steps = parse(filter ?? '');
  TOKEN.lastIndex = end;
  return { type: 'filter', path: steps, value: quotedValue ?? bareValue ?? '' };
}
