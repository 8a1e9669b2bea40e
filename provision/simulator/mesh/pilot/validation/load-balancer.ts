/** Who gets a request (https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { durationProblem } from './addresses.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkLocality } from './locality.ts';

/** Envoy's tables are smaller than this prime. */
const MAGLEV_TABLE_END = 5_000_011;

/** How requests are spread: by a hash of the request, by locality, slowly to what is new. */
export function checkLoadBalancer(
  found: Findings,
  value: Json | undefined,
  hasOutlierDetection: boolean,
): void {
  if (!isSet(value)) return;
  const { consistentHash, localityLbSetting, warmup } = objectAt(value);
  if (isSet(consistentHash)) checkConsistentHash(found, objectAt(consistentHash));
  checkLocality(found, localityLbSetting, hasOutlierDetection);
  if (isSet(warmup)) checkWarmup(found, objectAt(warmup));
}

function checkConsistentHash(found: Findings, hash: JsonObject): void {
  const { httpCookie, maglev, ringHash } = hash;
  if (isSet(httpCookie)) checkCookie(found, objectAt(httpCookie));
  const ringSize = numberOrText(hash['minimumRingSize']);
  found.warningIf(
    ringSize !== 0,
    "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
  );
  found.errorIf(
    ringSize !== 0 && (isSet(maglev) || isSet(ringHash)),
    'only one of MinimumRingSize or Maglev/Ringhash can be specified',
  );
  if (!isSet(maglev)) return;
  const size = numberOrText(objectAt(maglev)['tableSize']);
  found.errorIf(size === 0, 'tableSize must be set for maglev');
  found.errorIf(
    size >= MAGLEV_TABLE_END,
    `tableSize must be less than ${MAGLEV_TABLE_END} for maglev`,
  );
  found.errorIf(!isPrime(size), 'tableSize must be a prime number for maglev');
}

function checkCookie(found: Findings, cookie: JsonObject): void {
  found.errorIf(stringAt(cookie, 'name') === '', 'name required for HttpCookie');
  const names = new Set<string>();
  for (const attribute of objectsAt(cookie, 'attributes')) {
    const name = stringAt(attribute, 'name');
    if (name === '') found.error('cookie attribute name cannot be empty');
    else found.errorIf(names.has(name), `duplicate cookie attribute name: ${name}`);
    names.add(name);
  }
}

function checkWarmup(found: Findings, warmup: JsonObject): void {
  const { duration, minimumPercent, aggression } = warmup;
  if (isSet(duration)) found.error(durationProblem(duration));
  else found.error('duration is required');
  found.errorIf(
    numberIn(minimumPercent) > 100,
    'minimumPercent value should be less than or equal to 100',
  );
  found.errorIf(
    isSet(aggression) && numberIn(aggression) < 1,
    'aggression should be greater than or equal to 1',
  );
}

/** Numbers of 64 bits may be written as texts. */
function numberOrText(value: Json | undefined): number {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : numberIn(value);
}

/** 1 passes, as with istiod; what is too large for a table is refused anyway, and not tried. */
function isPrime(number: number): boolean {
  if (number > 0 && number < 4) return true;
  if (number % 2 === 0) return false;
  if (number > MAGLEV_TABLE_END) return true;
  for (let factor = 3; factor * factor <= number; factor += 2) {
    if (number % factor === 0) return false;
  }
  return true;
}
