import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isSame, objectOr } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import { compare } from './compare.ts';
import { applyConflict, type Conflict } from './conflicts.ts';
import { identityOf, readEntries, writeEntries, type Entry } from './entries.ts';
import { fieldSet } from './field-set.ts';
import { claimedByLastApplied, syncLastApplied } from './last-applied.ts';
import { mergeApplied, removeItems } from './merge.ts';
import { treeOf, withStructs } from './path-tree.ts';
import { without, type PathSet } from './paths.ts';
import { ownableBy } from './reset-fields.ts';
import { updated } from './track.ts';

export interface ApplyOptions {
  readonly manager: string;
  /** Takes fields from other managers. */
  readonly isForced: boolean;
  readonly subresource: string;
  /** The time of the write, in Kubernetes' form. */
  readonly time: string;
}

/** The object after an apply, and its managedFields. */
export interface Applied {
  readonly object: JsonObject;
  readonly managedFields: Json | undefined;
}

/** kubectl's own manager, which may take over what it once applied on the client's side. */
const KUBECTL = 'kubectl';
/** Owns what an object without managers had before it was first applied. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Merges an applied configuration into the current object (Kubernetes documentation, "Server-Side Apply"): what it
 * names is set, what the manager applied before and no longer names goes, unless others own it too. `current` is
 * undefined for an object that is to be created.
 * @throws ApiError 409 with a cause for each field that another manager set to another value, unless forced
 */
export function applyConfiguration(
  kind: Kind,
  current: JsonObject | undefined,
  configuration: JsonObject,
  options: ApplyOptions,
): Applied {
  const { manager, isForced } = options;
  const live = current ?? {};
  const entries = entriesOf(kind, current, options);
  const attempt = merge(kind, { live, configuration, entries }, options);
  const isMine = manager === KUBECTL && !isForced && attempt.conflicts.length > 0;
  const claimed = isMine ? claimedByLastApplied(kind, live) : new Set<string>();
  const conflicts = attempt.conflicts.flatMap(({ entry, paths }) => {
    const rest = without(paths, claimed);
    return rest.size > 0 ? [{ entry, paths: rest }] : [];
  });
  if (!isForced && conflicts.length > 0) throw applyConflict(conflicts);
  const object =
    manager === KUBECTL ? syncLastApplied(attempt.object, configuration) : attempt.object;
  return { object, managedFields: writeEntries(attempt.entries) };
}

interface Situation {
  readonly live: JsonObject;
  readonly configuration: JsonObject;
  readonly entries: readonly Entry[];
}

interface Attempt {
  readonly object: JsonObject;
  /** Who manages what when all conflicts are decided for the applier. */
  readonly entries: readonly Entry[];
  readonly conflicts: readonly Conflict[];
}

function merge(
  kind: Kind,
  { live, configuration, entries }: Situation,
  { manager, subresource, time }: ApplyOptions,
): Attempt {
  const { schema } = kind;
  const isOwnable = ownableBy(kind, subresource);
  const apiVersion = groupVersion(kind);
  const own = { manager, operation: 'Apply', apiVersion, subresource } as const;
  const before = entries.find((entry) => identityOf(entry) === identityOf(own));
  const others = entries.filter((entry) => entry !== before);
  const wanted = new Set([...fieldSet(configuration, schema)].filter(isOwnable));
  const merged = mergeApplied(live, configuration, schema);
  const owned = new Set([...wanted, ...others.flatMap(({ paths }) => [...paths])]);
  const object = before ? pruned(kind, merged, before.paths, owned) : merged;
  const changes = compare(live, object, {
    schema,
    isBuiltIn: kind.isCustom !== true,
    isWanted: isOwnable,
  });
  const isTaken = (path: string) => changes.added.has(path) || changes.modified.has(path);
  const conflicts = others.flatMap((entry) => {
    const paths = new Set([...entry.paths].filter(isTaken));
    return paths.size > 0 ? [{ entry, paths }] : [];
  });
  const { added, modified, removed } = changes;
  const rest = others.map((entry) => ({
    ...entry,
    paths: without(entry.paths, added, modified, removed),
  }));
  // Whoever applies what is there already changes nothing, and is not said to have done it now.
  const isNoop = isSame(live, object);
  const mine = { ...own, time: isNoop ? (before?.time ?? '') : time, paths: wanted };
  return { object, entries: [...rest, mine], conflicts };
}

/** The merged object without what the manager owned before and nobody, itself included, owns now. */
function pruned(
  { schema }: Kind,
  merged: JsonObject,
  before: PathSet,
  ownedNow: PathSet,
): JsonObject {
  // Usually a manager applies all that it applied before.
  if ([...before].every((path) => ownedNow.has(path))) return merged;
  const last = withStructs(before, schema);
  const remove = (paths: PathSet) => objectOr(removeItems(merged, treeOf(paths), schema));
  const structs = (object: JsonObject) => withStructs(fieldSet(object, schema), schema);
  const all = structs(merged);
  const owned = withStructs(ownedNow, schema);
  // What was in a removed item and is owned by others comes back, then what was never this manager's.
  const withOwned = remove(without(all, structs(remove(last)), owned));
  const gone = without(all, structs(withOwned));
  return remove(new Set([...gone].filter((path) => last.has(path))));
}

function entriesOf(
  kind: Kind,
  current: JsonObject | undefined,
  { subresource, time }: ApplyOptions,
): readonly Entry[] {
  const entries = current ? readEntries(current) : [];
  if (!current || entries.length > 0) return entries;
  const change = { object: current, old: {}, entries };
  return updated(kind, change, { manager: BEFORE_FIRST_APPLY, subresource, time });
}
