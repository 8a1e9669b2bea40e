import type { Json, JsonObject } from '../../kinds/object.ts';
import { UPDATE_MANAGERS_LIMIT } from '../limits.ts';
import { isObject, listAt, objectAt, stringAt } from '../objects/json.ts';
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts';
import type { PathSet } from './paths.ts';

/** One manager's fields (meta/v1 ManagedFieldsEntry). */
export interface Entry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty when the manager has never changed anything, only claimed what was there. */
  readonly time: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly paths: PathSet;
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

/** Whether a client asks to forget who manages what: an empty list, or one with a single empty entry. */
export function isReset(managedFields: Json | undefined): boolean {
  if (!Array.isArray(managedFields)) return false;
  const [first] = listAt(managedFields);
  if (managedFields.length > 1) return false;
  return first === undefined || (isObject(first) && Object.keys(first).length === 0);
}

/** The entries as they are stored: appliers first, each group by time; undefined when nobody manages anything. */
export function writeEntries(entries: readonly Entry[]): readonly JsonObject[] | undefined {
  const kept = capped(entries.filter(({ paths }) => paths.size > 0)).toSorted(byOperationAndTime);
  if (kept.length === 0) return undefined;
  return kept.map(({ paths, subresource, time, ...entry }) => ({
    apiVersion: entry.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(paths),
    manager: entry.manager,
    operation: entry.operation,
    ...(subresource !== '' && { subresource }),
    ...(time !== '' && { time }),
  }));
}

type Manager = Pick<Entry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** What tells managers apart: an applier is the same in every version, whoever updates is not. */
export function identityOf({ manager, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Update' && { apiVersion }),
    ...(subresource !== '' && { subresource }),
  });
}

function byOperationAndTime(left: Entry, right: Entry): number {
  const order = (entry: Entry) => [
    entry.operation,
    entry.time,
    entry.manager,
    entry.apiVersion,
    entry.subresource,
  ];
  const others = order(right);
  for (const [index, text] of order(left).entries()) {
    const other = others[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

/** Whose fields are kept together when too many update; upstream's name. */
const ANCIENT = 'ancient-changes';

/** Joins the oldest of those who update, by version, when they are too many. */
function capped(entries: readonly Entry[]): readonly Entry[] {
  const updaters = entries.filter(({ operation }) => operation === 'Update');
  let excess = updaters.length - UPDATE_MANAGERS_LIMIT;
  if (excess <= 0) return entries;
  const oldest = updaters.toSorted((left, right) =>
    `${left.time}${identityOf(left)}` < `${right.time}${identityOf(right)}` ? -1 : 1,
  );
  const joined = new Map<string, Entry>();
  const gone = new Set<Entry>();
  for (const entry of oldest) {
    if (excess <= 0) break;
    const bucket = joined.get(entry.apiVersion);
    if (bucket) excess--;
    const paths = new Set([...(bucket?.paths ?? []), ...entry.paths]);
    joined.set(entry.apiVersion, { ...entry, manager: ANCIENT, subresource: '', paths });
    gone.add(entry);
  }
  return [...entries.filter((entry) => !gone.has(entry)), ...joined.values()];
}
