/** Volumes of a pod. */
import { isObject, listAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { duplicate, forbidden, invalids, required } from './field-errors.ts';
import { labelNameProblems } from './names.ts';

/** What is wrong with the volumes, and the names that containers may mount. */
export function validateVolumes(
  spec: JsonObject,
  field: string,
): { readonly errors: readonly FieldError[]; readonly names: ReadonlySet<string> } {
  const names = new Set<string>();
  const errors = listAt(spec, 'volumes').flatMap((volume, i) => {
    const name = stringAt(volume, 'name');
    const found = [
      ...sourceErrors(volume, `${field}[${i}]`),
      ...nameErrors(name, `${field}[${i}].name`, names),
    ];
    names.add(name);
    return found;
  });
  return { errors, names };
}

function nameErrors(
  name: string,
  field: string,
  names: ReadonlySet<string>,
): readonly FieldError[] {
  if (name === '') return [required(field)];
  const problems = labelNameProblems(name);
  if (problems.length > 0) return invalids(field, name, problems);
  return names.has(name) ? [duplicate(field, name)] : [];
}

function sourceErrors(volume: Json, field: string): readonly FieldError[] {
  if (!isObject(volume)) return [];
  const sources = Object.keys(volume).filter((key) => key !== 'name' && isObject(volume[key]));
  const surplus = sources
    .slice(1)
    .map((source) => forbidden(`${field}.${source}`, 'may not specify more than 1 volume type'));
  const missing = (NEEDED[sources[0] ?? ''] ?? [])
    .filter((key) => stringAt(volume, sources[0] ?? '', key) === '')
    .map((key) => required(`${field}.${sources[0]}.${key}`));
  return [...missing, ...surplus];
}

/** Fields that a source cannot do without. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  secret: ['secretName'],
  configMap: ['name'],
  persistentVolumeClaim: ['claimName'],
  hostPath: ['path'],
  nfs: ['server', 'path'],
  csi: ['driver'],
};
