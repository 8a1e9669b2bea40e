import type { Json, JsonObject } from '../../kinds/object.ts';
import { listAt, objectAt, stringAt } from '../objects/json.ts';
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts';
import type { Path } from './paths.ts';

/** One manager's fields (meta/v1 ManagedFieldsEntry). */
export interface Entry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly paths: ReadonlySet<Path>;
}

export function readEntries(object: JsonObject): readonly Entry[] {
  return listAt(object, 'metadata', 'managedFields').flatMap((entry: Json) => {
    const manager = stringAt(entry, 'manager');
    if (manager === undefined) return [];
    return [
      {
        manager,
        operation: stringAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
        apiVersion: stringAt(entry, 'apiVersion') ?? '',
        time: stringAt(entry, 'time') ?? '',
        subresource: stringAt(entry, 'subresource') ?? '',
        paths: fromFieldsV1(objectAt(entry, 'fieldsV1')),
      } as const,
    ];
  });
}

export function writeEntries(entries: readonly Entry[]): readonly JsonObject[] {
  return entries
    .filter(({ paths }) => paths.size > 0)
    .map(({ paths, subresource, time, ...entry }) => ({
      apiVersion: entry.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(paths),
      manager: entry.manager,
      operation: entry.operation,
      ...(subresource !== '' && { subresource }),
      time,
    }));
}

/** Whether two entries are of the same manager doing the same thing. */
export function isSameManager(
  left: Pick<Entry, 'manager' | 'operation' | 'subresource'>,
  right: Pick<Entry, 'manager' | 'operation' | 'subresource'>,
): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource
  );
}
