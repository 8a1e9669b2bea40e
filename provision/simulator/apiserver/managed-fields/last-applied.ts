/** kubectl's move from client-side to server-side apply (Kubernetes documentation, "Server-Side Apply", upgrading). */
import type { Kind } from '../../kinds/kind.ts';
import { ANNOTATIONS_LIMIT_BYTES } from '../../kinds/limits.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { isObject, objectAt, stringAt, withValue } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import { compare } from './compare.ts';
import { fieldSet } from './field-set.ts';
import { without, type PathSet } from './paths.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The fields that kubectl applied on the client's side and that still are as it applied them. */
export function claimedByLastApplied(kind: Kind, live: JsonObject): PathSet {
  const applied = parse(stringAt(live, 'metadata', 'annotations', LAST_APPLIED) ?? '');
  if (!applied || stringAt(applied, 'apiVersion') !== groupVersion(kind)) return new Set();
  const { schema } = kind;
  const { added, modified, removed } = compare(applied, live, {
    schema,
    isBuiltIn: kind.isCustom !== true,
    isWanted: () => true,
  });
  return without(fieldSet(applied, schema), added, modified, removed);
}

/** The object whose annotation of what was last applied, if it has one, says what is applied now. */
export function syncLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const before = stringAt(object, 'metadata', 'annotations', LAST_APPLIED) ?? '';
  if (before === '') return object;
  const { [LAST_APPLIED]: _before, ...annotations } = objectAt(
    configuration,
    'metadata',
    'annotations',
  );
  const hasAnnotations = Object.keys(annotations).length > 0;
  const applied = withValue(
    configuration,
    ['metadata', 'annotations'],
    hasAnnotations ? annotations : undefined,
  );
  const text = `${JSON.stringify(applied, sorted)}\n`;
  // An annotation that would be too large goes, which ends the synchronisation, as upstream.
  const value = text.length > ANNOTATIONS_LIMIT_BYTES ? undefined : text;
  return withValue(object, ['metadata', 'annotations', LAST_APPLIED], value);
}

/** Writes keys in order, as Go does. */
function sorted(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
