/** Warns of routes that no request reaches (https://istio.io/latest/docs/reference/config/analysis/ist0130/ and ist0131). */
import { isObject, objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';
import { OVERLAP_LIMIT_COMPARISONS } from './limits.ts';

const MAPS = ['headers', 'queryParams', 'withoutHeaders'] as const;

interface PrefixMatch {
  readonly rule: string;
  readonly name: string;
  readonly prefix: string;
  readonly match: JsonObject;
}

/** Notes the rules of a list (http, tls or tcp) that earlier ones leave nothing to. */
export function warnUnusedRules(found: Findings, routes: readonly JsonObject[]): void {
  const known = new Map<string, string>();
  const prefixes: PrefixMatch[] = [];
  let hasCatchAll = false;
  for (const [index, route] of routes.entries()) {
    const rule = nameOf(route, index);
    const matches = objectsAt(route, 'match');
    if (matches.length === 0) {
      if (hasCatchAll) unused(found, rule, 'only the last rule can have no matches');
      hasCatchAll = true;
    } else if (hasCatchAll) {
      for (const _ of matches) unused(found, rule, 'route without matches defined before');
    } else {
      for (const fresh of freshMatches(found, { rule, matches, known })) prefixes.push(fresh);
    }
  }
  warnOverlaps(found, prefixes);
}

interface RuleMatches {
  readonly rule: string;
  readonly matches: readonly JsonObject[];
  /** The rule of each match so far, by its text. */
  readonly known: Map<string, string>;
}

/** Those of a rule's matches that no earlier one repeats, as far as they are prefixes; the others are warned of. */
function freshMatches(
  found: Findings,
  { rule, matches, known }: RuleMatches,
): readonly PrefixMatch[] {
  const prefixes: PrefixMatch[] = [];
  let repeated = 0;
  for (const [place, match] of matches.entries()) {
    const [key, name] = [canonical(match, 'name'), nameOf(match, place)];
    const earlier = known.get(key);
    if (earlier === undefined) {
      known.set(key, rule);
      const prefix = stringAt(match, 'uri', 'prefix');
      if (prefix !== '') prefixes.push({ rule, name, match, prefix });
    } else {
      ineffective(found, { rule, name, earlier });
      repeated++;
    }
  }
  if (repeated === matches.length) unused(found, rule, 'all matches used by prior rules');
  return prefixes;
}

function warnOverlaps(found: Findings, matches: readonly PrefixMatch[]): void {
  let comparisons = 0;
  for (const [index, earlier] of matches.entries()) {
    const cost = 1 + Object.keys(objectAt(earlier.match, 'headers')).length;
    for (let place = index + 1; place < matches.length; place++) {
      const later = matches[place];
      if (later === undefined) return;
      comparisons += cost;
      if (comparisons > OVERLAP_LIMIT_COMPARISONS) return;
      if (!isCovered(earlier, later)) continue;
      ineffective(found, {
        rule: later.rule,
        name: `${later.name} of prefix ${later.prefix}`,
        earlier: `${earlier.name} of prefix ${earlier.prefix} on ${earlier.rule}`,
      });
    }
  }
}

function isCovered(earlier: PrefixMatch, later: PrefixMatch): boolean {
  if (earlier.prefix === later.prefix || !later.prefix.startsWith(earlier.prefix)) return false;
  const [one, two] = [earlier.match, later.match];
  if ((one['port'] ?? 0) !== (two['port'] ?? 0)) return false;
  // istiod takes a match without a method as one of GET.
  const method = (match: JsonObject) => textOf(match['method']) || 'exact:GET';
  if (!method(one).startsWith(method(two))) return false;
  if (!textOf(one['authority']).startsWith(textOf(two['authority']))) return false;
  return MAPS.every((name) => isMapCovered(objectAt(one, name), objectAt(two, name)));
}

function isMapCovered(earlier: JsonObject, later: JsonObject): boolean {
  const keys = Object.keys(earlier);
  if (keys.length !== Object.keys(later).length) return false;
  return keys.every(
    (key) => later[key] !== undefined && textOf(earlier[key]).startsWith(textOf(later[key])),
  );
}

function textOf(match: Json | undefined): string {
  const { exact, prefix } = objectAt(match);
  if (stringAt(exact) !== '') return `exact:${stringAt(exact)}`;
  return stringAt(prefix) === '' ? '' : `prefix:${stringAt(prefix)}`;
}

function unused(found: Findings, rule: string, reason: string): void {
  found.warning(`virtualService rule ${rule} not used (${reason})`);
}

function ineffective(
  found: Findings,
  {
    rule,
    name,
    earlier,
  }: { readonly rule: string; readonly name: string; readonly earlier: string },
): void {
  found.warning(
    `virtualService rule ${rule} match ${name} is not used (duplicate/overlapping match in rule ${earlier})`,
  );
}

function nameOf(object: JsonObject, index: number): string {
  const name = stringAt(object, 'name');
  return name === '' ? `#${index}` : JSON.stringify(name);
}

/** The same text for equal values, whatever the order of their keys; one key may be left out. */
function canonical(value: Json | undefined, omitted?: string): string {
  if (!isObject(value)) return JSON.stringify(value ?? null);
  let text = '{';
  for (const key of Object.keys(value).toSorted()) {
    if (key !== omitted) text += `${JSON.stringify(key)}:${canonical(value[key])},`;
  }
  return text;
}
