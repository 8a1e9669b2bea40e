/** Printer columns, subresources and selectable fields of a CustomResourceDefinition's version. */
import { isObject, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { duplicate, invalid, required } from '../validation/fields/field-errors.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = [
  'binary',
  'byte',
  'date',
  'date-time',
  'double',
  'float',
  'int32',
  'int64',
  'password',
];

/** What the printer columns of a version have against them. */
export function columnErrors(version: Json, field: string): readonly FieldError[] {
  return listAt(version, 'additionalPrinterColumns').flatMap((column, i) =>
    oneColumnErrors(column, `${field}[${i}]`),
  );
}

function oneColumnErrors(column: Json, field: string): readonly FieldError[] {
  const type = stringAt(column, 'type');
  const format = stringAt(column, 'format');
  const path = stringAt(column, 'jsonPath');
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  return [
    ...(stringAt(column, 'name') === '' ? [required(`${field}.name`)] : []),
    ...(type === '' ? [required(`${field}.type`, types)] : []),
    ...(type === '' || COLUMN_TYPES.includes(type) ? [] : [invalid(`${field}.type`, type, types)]),
    ...(format === '' || COLUMN_FORMATS.includes(format)
      ? []
      : [invalid(`${field}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`)]),
    // Upstream's internal form has the field in capitals.
    ...(path === '' ? [required(`${field}.JSONPath`)] : pathErrors(path, `${field}.JSONPath`)),
  ];
}

function pathErrors(path: string, field: string): readonly FieldError[] {
  return path.startsWith('.')
    ? []
    : [invalid(field, path, 'must be a simple json path starting with .')];
}

/** What the subresources have against them. */
export function subresourceErrors(subresources: JsonObject, field: string): readonly FieldError[] {
  const { scale } = subresources;
  if (!isObject(scale)) return [];
  const selector = stringAt(scale, 'labelSelectorPath');
  return [
    ...neededPath(scale, 'specReplicasPath', { field: `${field}.scale`, root: '.spec' }),
    ...neededPath(scale, 'statusReplicasPath', { field: `${field}.scale`, root: '.status' }),
    ...(selector === '' || /^\.(spec|status)\./.test(selector)
      ? []
      : [
          ...pathErrors(selector, `${field}.scale.labelSelectorPath`),
          ...(selector.startsWith('.')
            ? [
                invalid(
                  `${field}.scale.labelSelectorPath`,
                  selector,
                  'should be a json path under either .spec or .status',
                ),
              ]
            : []),
        ]),
  ];
}

function neededPath(
  scale: JsonObject,
  key: string,
  { field, root }: { readonly field: string; readonly root: string },
): readonly FieldError[] {
  const path = stringAt(scale, key);
  if (path === '') return [required(`${field}.${key}`)];
  if (!path.startsWith('.')) return pathErrors(path, `${field}.${key}`);
  return path.startsWith(`${root}.`)
    ? []
    : [invalid(`${field}.${key}`, path, `should be a json path under ${root}`)];
}

const SELECTABLE = ['string', 'boolean', 'integer'];
const SELECTABLE_LIMIT = 8;

/** What the selectable fields of a version have against them. */
export function selectableFieldErrors(version: Json, field: string): readonly FieldError[] {
  const fields = listAt(version, 'selectableFields');
  const paths = new Set<string>();
  const errors = fields.flatMap((one, i) => {
    const path = stringAt(one, 'jsonPath');
    const at = `${field}[${i}].jsonPath`;
    if (path === '') return [required(at)];
    const isTaken = paths.has(path);
    paths.add(path);
    return [
      ...selectableErrors(path, objectAt(version, 'schema', 'openAPIV3Schema'), at),
      ...(isTaken ? [duplicate(at, path)] : []),
    ];
  });
  if (paths.size <= SELECTABLE_LIMIT) return errors;
  const text = `Too many: ${paths.size}: must have at most ${SELECTABLE_LIMIT} items`;
  return [...errors, { type: 'Invalid', field, message: text }];
}

function selectableErrors(path: string, root: JsonObject, field: string): readonly FieldError[] {
  const names = path.replace(/^\./, '').split('.');
  let here: Json | undefined = root;
  for (const name of names) {
    const below: Json | undefined = objectAt(here, 'properties')[name];
    here = isUnset(below) ? undefined : below;
    if (here === undefined && names[0] !== 'metadata') {
      const why = `is an invalid path: does not refer to a valid field`;
      return [invalid(field, path, why)];
    }
  }
  const type = stringAt(here, 'type');
  return [
    ...(names[0] === 'metadata'
      ? [invalid(field, path, 'must not point to fields in metadata')]
      : []),
    ...(SELECTABLE.includes(type)
      ? []
      : [
          invalid(
            field,
            path,
            'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
          ),
        ]),
  ];
}
