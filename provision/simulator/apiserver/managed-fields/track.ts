import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { isSame, objectAt, withValue } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import { isSameManager, readEntries, writeEntries, type Entry } from './entries.ts';
import { fieldValues, type Path } from './paths.ts';

/** Who writes, for managedFields. */
export interface Tracking {
  /** Empty for the simulator's own parts: they get an entry only when they take fields from others. */
  readonly manager?: string;
  readonly subresource?: string;
  readonly time?: string;
  /** Set by server-side apply: the fields of the applied configuration, all of which the manager now owns. */
  readonly appliedPaths?: ReadonlySet<Path>;
}

/**
 * The object with its managedFields brought up to date: fields that changed belong to the writer, removed ones to
 * nobody (Kubernetes documentation, "Server-Side Apply", field management).
 */
export function trackUpdate(
  kind: Kind,
  object: JsonObject,
  old: JsonObject | undefined,
  tracking: Tracking,
): JsonObject {
  const entries = readEntries(hasOwnEntries(object, old) ? object : (old ?? object));
  const isRecorded = (tracking.manager ?? '') !== '';
  if (!isRecorded && entries.length === 0) return object;
  const isStatus = tracking.subresource === 'status';
  const { changed, removed } = difference(
    kind,
    withoutStatus(object, isStatus),
    old && withoutStatus(old, isStatus),
  );
  const own = ownEntry(kind, tracking, isRecorded);
  const isTouched = (path: Path) => changed.has(path) || removed.has(path);
  const others = entries
    .filter((entry) => !isSameManager(entry, own))
    .map((entry) => ({ ...entry, paths: without(entry.paths, isTouched) }));
  const before = entries.find((entry) => isSameManager(entry, own));
  const isTaking = entries.some((entry) => [...entry.paths].some((path) => changed.has(path)));
  const paths = tracking.appliedPaths ?? ownPaths(before, changed, removed, isRecorded || isTaking);
  const isUnchanged =
    before !== undefined && isSame([...before.paths].toSorted(), [...paths].toSorted());
  const mine = isUnchanged ? before : { ...own, paths };
  return withValue(
    object,
    ['metadata', 'managedFields'],
    orUndefined(writeEntries([...others, mine])),
  );
}

function ownEntry(kind: Kind, tracking: Tracking, isRecorded: boolean): Entry {
  return {
    manager: isRecorded ? (tracking.manager ?? '') : 'regatta',
    operation: tracking.appliedPaths ? 'Apply' : 'Update',
    apiVersion: groupVersion(kind),
    time: tracking.time ?? '',
    subresource: tracking.subresource ?? '',
    paths: new Set(),
  };
}

function ownPaths(
  before: Entry | undefined,
  changed: ReadonlySet<Path>,
  removed: ReadonlySet<Path>,
  isOwner: boolean,
): ReadonlySet<Path> {
  const kept = without(before?.paths ?? new Set(), (path) => removed.has(path));
  return isOwner ? new Set([...kept, ...changed]) : kept;
}

/** A client may write managedFields itself, as kubectl does to move to server-side apply. */
function hasOwnEntries(object: JsonObject, old: JsonObject | undefined): boolean {
  const wanted = objectAt(object, 'metadata')['managedFields'];
  return (
    old !== undefined &&
    wanted !== undefined &&
    !isSame(wanted, objectAt(old, 'metadata')['managedFields'])
  );
}

/** Only the status subresource writes status; what a new object starts with is nobody's. */
function withoutStatus(object: JsonObject, isStatus: boolean): JsonObject {
  return isStatus ? object : withValue(object, ['status'], undefined);
}

function difference(
  kind: Kind,
  object: JsonObject,
  old: JsonObject | undefined,
): { readonly changed: ReadonlySet<Path>; readonly removed: ReadonlySet<Path> } {
  const after = fieldValues(object, kind.schema);
  const before = old ? fieldValues(old, kind.schema) : new Map();
  const changed = new Set<Path>();
  for (const [path, value] of after) {
    if (!before.has(path) || !isSame(before.get(path), value)) changed.add(path);
  }
  return { changed, removed: new Set([...before.keys()].filter((path) => !after.has(path))) };
}

function without(paths: ReadonlySet<Path>, isGone: (path: Path) => boolean): ReadonlySet<Path> {
  return new Set([...paths].filter((path) => !isGone(path)));
}

function orUndefined(list: readonly JsonObject[]): readonly JsonObject[] | undefined {
  return list.length > 0 ? list : undefined;
}
