/** Comparing rules of roles (upstream: component-helpers, auth/rbac/validation and registry/rbac/validation). */
import type { Json } from '../../kinds/object.ts';
import { stringsAt } from '../objects/json.ts';
import { isPathCovered } from './rbac.ts';

/** One right: each list has one entry at most. */
interface Right {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly resourceNames: readonly string[];
  readonly verbs: readonly string[];
}

/** What `wanted` allows and `held` does not, as short text, sorted; empty when all of it is held. */
export function missingRights(held: readonly Json[], wanted: readonly Json[]): readonly string[] {
  const owned = held.map(readRule);
  const missing = wanted
    .map(readRule)
    .flatMap(rightsOf)
    .filter((right) => !owned.some((rule) => isHeld(rule, right)));
  return [...new Set(compact(missing).map(asText))].toSorted();
}

function readRule(rule: Json): Right {
  return {
    apiGroups: stringsAt(rule, 'apiGroups'),
    resources: stringsAt(rule, 'resources'),
    nonResourceURLs: stringsAt(rule, 'nonResourceURLs'),
    resourceNames: stringsAt(rule, 'resourceNames'),
    verbs: stringsAt(rule, 'verbs'),
  };
}

const NOTHING: Right = {
  apiGroups: [],
  resources: [],
  nonResourceURLs: [],
  resourceNames: [],
  verbs: [],
};

function rightsOf({
  apiGroups,
  resources,
  nonResourceURLs,
  resourceNames,
  verbs,
}: Right): readonly Right[] {
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => {
        const right = { ...NOTHING, apiGroups: [group], resources: [resource], verbs: [verb] };
        return resourceNames.length === 0
          ? [right]
          : resourceNames.map((name) => ({ ...right, resourceNames: [name] }));
      }),
    ),
  );
  const onPaths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb) => ({ ...NOTHING, nonResourceURLs: [url], verbs: [verb] })),
  );
  return [...onResources, ...onPaths];
}

function isHeld(rule: Right, right: Right): boolean {
  const areNamesHeld =
    rule.resourceNames.length === 0 ||
    (right.resourceNames.length > 0 &&
      right.resourceNames.every((name) => rule.resourceNames.includes(name)));
  return (
    covers(rule.verbs, right.verbs) &&
    covers(rule.apiGroups, right.apiGroups) &&
    right.resources.every((resource) => isResourceHeld(rule.resources, resource)) &&
    right.nonResourceURLs.every((url) =>
      rule.nonResourceURLs.some((one) => isPathCovered(one, url)),
    ) &&
    areNamesHeld
  );
}

function covers(held: readonly string[], wanted: readonly string[]): boolean {
  return held.includes('*') || wanted.every((one) => held.includes(one));
}

function isResourceHeld(held: readonly string[], resource: string): boolean {
  const [, part] = resource.split('/', 2);
  return (
    held.includes('*') ||
    held.includes(resource) ||
    (part !== undefined && held.includes(`*/${part}`))
  );
}

/** Rights on one resource together, unless they name objects. */
function compact(rights: readonly Right[]): readonly Right[] {
  const simple = new Map<string, Right>();
  const others: Right[] = [];
  for (const right of rights) {
    const isSimple = right.resources.length === 1 && right.resourceNames.length === 0;
    const key = `${right.apiGroups.join()}/${right.resources.join()}`;
    const known = simple.get(key);
    if (!isSimple) others.push(right);
    else if (!known) simple.set(key, right);
    else if (!known.verbs.some((verb) => right.verbs.includes(verb))) {
      simple.set(key, { ...known, verbs: [...known.verbs, ...right.verbs] });
    }
  }
  return [...others, ...simple.values()];
}

function asText(right: Right): string {
  const parts = [
    ['APIGroups', right.apiGroups],
    ['Resources', right.resources],
    ['NonResourceURLs', right.nonResourceURLs],
    ['ResourceNames', right.resourceNames],
    ['Verbs', right.verbs],
  ] as const;
  const given = parts.filter(([, values]) => values.length > 0);
  return `{${given.map(([name, values]) => `${name}:${quotedList(values)}`).join(', ')}}`;
}

/** A list of strings as Go's `%q` writes it: `["a" "b"]`. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}
