/** The names of a CustomResourceDefinition. */
import { asText, listAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { invalid, required } from '../validation/fields/field-errors.ts';
import { dns1035Problems } from '../validation/fields/names.ts';

const NEEDED = ['plural', 'singular', 'kind', 'listKind'];
const LOWER = ['plural', 'singular'];
const MIXED = ['kind', 'listKind'];

/** What `spec.names` has against it. */
export function nameErrors(names: JsonObject): readonly FieldError[] {
  const kind = stringAt(names, 'kind');
  const isAmbiguous = kind !== '' && kind === stringAt(names, 'listKind');
  return [
    ...NEEDED.filter((key) => stringAt(names, key) === '').map((key) =>
      required(`spec.names.${key}`),
    ),
    ...LOWER.flatMap((key) => labelErrors(stringAt(names, key), `spec.names.${key}`)),
    ...MIXED.flatMap((key) => mixedErrors(stringAt(names, key), `spec.names.${key}`)),
    ...listAt(names, 'shortNames').flatMap((name, i) =>
      labelErrors(asText(name), `spec.names.shortNames[${i}]`),
    ),
    ...(isAmbiguous
      ? [invalid('spec.names.listKind', kind, 'kind and listKind may not be the same')]
      : []),
    ...listAt(names, 'categories').flatMap((name, i) =>
      labelErrors(asText(name), `spec.names.categories[${i}]`),
    ),
  ];
}

function labelErrors(text: string, field: string): readonly FieldError[] {
  const problems = text === '' ? [] : dns1035Problems(text);
  return problems.length === 0 ? [] : [invalid(field, text, problems.join(','))];
}

function mixedErrors(text: string, field: string): readonly FieldError[] {
  const problems = text === '' ? [] : dns1035Problems(text.toLowerCase());
  const hint = 'may have mixed case, but should otherwise match: ';
  return problems.length === 0 ? [] : [invalid(field, text, `${hint}${problems.join(',')}`)];
}
