/**
 * Balancing by region, zone and subzone
 * (https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting).
 */
import { objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';

const TOPOLOGY_LABELS = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

/** How requests are spread over localities: shares that make 100, or what takes over from what. */
export function checkLocality(
  found: Findings,
  setting: Json | undefined,
  hasOutlierDetection: boolean,
): void {
  if (!isSet(setting)) return;
  const locality = objectAt(setting);
  const choice = choiceProblem(locality);
  if (choice !== undefined) {
    found.error(choice);
    return;
  }
  const { distribute, failover, failoverPriority } = locality;
  // Beyond the first source that is wrong istiod looks no further; what it says of earlier ones' targets stays.
  for (const source of objectsAt(distribute)) {
    const problem = weightProblem(source);
    if (problem !== undefined) {
      found.error(problem);
      return;
    }
    found.error(overlapProblem(Object.keys(objectAt(source, 'to'))));
  }
  found.error(overlapProblem(objectsAt(distribute).map(({ from }) => stringAt(from))));
  found.warningIf(
    (isFilled(failover) || isFilled(failoverPriority)) && !hasOutlierDetection,
    'outlier detection policy must be provided for failover',
  );
  for (const { from, to } of objectsAt(failover)) {
    const pair = [stringAt(from), stringAt(to)];
    found.errorIf(
      pair[0] === pair[1],
      'locality lb failover settings must specify different regions',
    );
    found.errorIf(
      pair.some((region) => region.includes('/')),
      'locality lb failover only specify region',
    );
    found.errorIf(
      pair.some((region) => region.includes('*')),
      "locality lb failover region should not contain '*' wildcard",
    );
  }
}

function choiceProblem({ distribute, failover, failoverPriority }: JsonObject) {
  if (!isFilled(failover)) return undefined;
  if (isFilled(distribute)) return "can not simultaneously specify 'distribute' and 'failover'";
  const label = stringsAt(failoverPriority).find((name) => TOPOLOGY_LABELS.has(name));
  return label === undefined
    ? undefined
    : `can not simultaneously set 'failover' and topology label '${label}' in 'failover_priority'`;
}

function weightProblem(source: JsonObject): string | undefined {
  const weights = Object.values(objectAt(source, 'to')).map(numberIn);
  if (weights.some((weight) => weight <= 0 || weight > 100)) {
    return 'locality weight must be in range [1, 100]';
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total === 100 ? undefined : `total locality weight ${total} != 100`;
}

/** Whether a locality is within an earlier one, or around it: `region/zone/subzone`, `*` at the end. */
function overlapProblem(localities: readonly string[]): string | undefined {
  const taken = new Set<string>();
  const around = new Set<string>();
  for (const locality of localities) {
    if (/\*[^*]*\*|\*[^*]/.test(locality)) {
      return `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
    }
    const overlap = `locality ${locality} overlap with previous specified ones`;
    if (taken.has('*')) return overlap;
    const parts = partsOf(locality);
    if (parts.includes('')) {
      return `locality ${locality} must not contain empty region/zone/subzone info`;
    }
    // `region/*` covers what `region` does, and is let be after a zone of it.
    const isRest = parts.length > 1 && parts.at(-1) === '*';
    const named = isRest ? parts.slice(0, -1) : parts;
    const ways = named.map((_, index) => named.slice(0, index + 1).join('/'));
    const whole = named.join('/');
    if (ways.some((way) => taken.has(way)) || (!isRest && around.has(whole))) return overlap;
    taken.add(whole);
    for (const way of ways.slice(0, -1)) around.add(way);
  }
  return undefined;
}

/** Region, zone and subzone, the last with all that follows. */
function partsOf(locality: string): readonly string[] {
  const [region = '', zone, ...rest] = locality.split('/');
  if (zone === undefined) return [region];
  return rest.length === 0 ? [region, zone] : [region, zone, rest.join('/')];
}
