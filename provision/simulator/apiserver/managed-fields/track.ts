import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { objectAt } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import { compare } from './compare.ts';
import { identityOf, isReset, readEntries, writeEntries, type Entry } from './entries.ts';
import { without, type PathSet } from './paths.ts';
import { ownableBy } from './reset-fields.ts';

/** Who writes, for managedFields. */
export interface Tracking {
  readonly manager: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** The time of the write, in Kubernetes' form. */
  readonly time: string;
}

/**
 * The managedFields of an object after a write that is no apply: fields that changed belong to the writer, removed ones
 * to nobody (Kubernetes documentation, "Server-Side Apply", field management). Undefined when nobody is tracked: an
 * object that came without managers, or whose managers were reset, has none until somebody applies it.
 */
export function trackUpdate(
  kind: Kind,
  object: JsonObject,
  old: JsonObject | undefined,
  tracking: Tracking,
): Json | undefined {
  const given = objectAt(object, 'metadata')['managedFields'];
  const before = objectAt(old, 'metadata')['managedFields'];
  const isGiven = tracking.subresource === '' && given !== before;
  if (isGiven && isReset(given)) return undefined;
  const own = isGiven ? readEntries(object) : [];
  const entries = own.length > 0 || !old ? own : readEntries(old);
  if (old && entries.length === 0) return undefined;
  const after = updated(kind, { object, old: old ?? {}, entries }, tracking);
  return after === entries && own.length === 0 ? before : writeEntries(after);
}

/** An object that changes, and who manages its fields. */
export interface Change {
  readonly object: JsonObject;
  readonly old: JsonObject;
  readonly entries: readonly Entry[];
}

/** The entries after a change by one who does not apply; the same list when nothing changed. */
export function updated(
  kind: Kind,
  { object, old, entries }: Change,
  { manager, subresource, time }: Tracking,
): readonly Entry[] {
  const isWanted = ownableBy(kind, subresource);
  const isBuiltIn = kind.isCustom !== true;
  const changes = compare(old, object, { schema: kind.schema, isBuiltIn, isWanted });
  const { added, modified, removed } = changes;
  if (added.size + modified.size + removed.size === 0) return entries;
  const apiVersion = groupVersion(kind);
  const mine = { manager, operation: 'Update', apiVersion, time, subresource } as const;
  const identity = identityOf(mine);
  const others = entries.map((entry) => ({
    ...entry,
    paths: without(entry.paths, added, modified, removed),
  }));
  if (added.size + modified.size === 0) return others;
  const kept = others.find((entry) => identityOf(entry) === identity);
  const paths: PathSet = new Set([...(kept?.paths ?? []), ...added, ...modified]);
  return [...others.filter((entry) => entry !== kept), { ...mine, paths }];
}

/** The manager's name as upstream derives it: the parameter, else the client's program name. */
export function managerOf(fieldManager: string | null, userAgent: string | undefined): string {
  if (fieldManager !== null && fieldManager !== '') return fieldManager;
  const program = (userAgent ?? '').split('/', 1)[0] ?? '';
  return program === '' ? 'unknown' : program;
}
