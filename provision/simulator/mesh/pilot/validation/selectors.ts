/** Labels, and what says which workloads an object is about. */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isFilled, isSet, textEntriesIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { quote } from './names.ts';

const LABEL_PART = String.raw`[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?`;
const KEY_NAME = String.raw`(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`;
const KEY_PREFIX = new RegExp(String.raw`^${LABEL_PART}(?:\.${LABEL_PART})*$`);
const KEY = new RegExp(`^${KEY_NAME}$`);
const VALUE = new RegExp(`^(${KEY_NAME})?$`);
const PREFIX_LIMIT_CHARACTERS = 253;
const NAME_LIMIT_CHARACTERS = 63;
const NO_LABELS = 'workload selector specified without labels';

/** Kinds that a policy may be attached to, as istiod lists them and as a reference names them (group and kind). */
const TARGETS: Readonly<Record<string, string>> = {
  '/Service': 'core/v1/Service',
  'networking.istio.io/ServiceEntry': 'networking.istio.io/v1/ServiceEntry',
  'gateway.networking.k8s.io/Gateway': 'gateway.networking.k8s.io/v1/Gateway',
  'gateway.networking.k8s.io/GatewayClass': 'gateway.networking.k8s.io/v1/GatewayClass',
};

/** Labels that pods are compared with. */
export function checkLabels(found: Findings, labels: Json | undefined): void {
  for (const [key, value] of textEntriesIn(labels)) {
    found.listedError(keyProblem(key));
    found.listedErrorIf(!VALUE.test(value), `invalid tag value: ${quote(value)}`);
  }
}

function keyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const [prefix, name] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
  if (!KEY.test(name) || (slash >= 0 && !KEY_PREFIX.test(prefix))) {
    return `invalid tag key: ${quote(key)}`;
  }
  if (prefix.length > PREFIX_LIMIT_CHARACTERS) {
    return `invalid tag key: ${quote(key)} (DNS prefix is too long)`;
  }
  return name.length > NAME_LIMIT_CHARACTERS
    ? `invalid tag key: ${quote(key)} (name is too long)`
    : undefined;
}

/** The selector of policies, Telemetry and extensions: `matchLabels`. */
export function checkSelector(found: Findings, selector: Json | undefined): void {
  if (!isSet(selector)) return;
  const labels = objectAt(selector, 'matchLabels');
  checkPairs(found, labels);
  found.warningIf(!isFilled(labels), NO_LABELS);
}

/**
 * The selector of Sidecar, ServiceEntry and EnvoyFilter: `labels`.
 * @param subject how istiod calls the object in the warning
 * @returns whether it is right; istiod looks no further when it is not
 */
export function checkWorkloadSelector(
  found: Findings,
  selector: Json | undefined,
  subject: string,
): boolean {
  if (!isSet(selector)) return true;
  const labels = objectAt(selector, 'labels');
  const before = found.errors.length;
  checkPairs(found, labels);
  if (found.errors.length > before) return false;
  found.warningIf(
    !isFilled(labels),
    `${subject}: ${NO_LABELS}, will be applied to all services in namespace`,
  );
  return true;
}

function checkPairs(found: Findings, labels: JsonObject): void {
  for (const [key, value] of textEntriesIn(labels)) {
    const pair = quote(`${key}=${value}`);
    found.errorIf(key === '', `empty key is not supported in selector: ${pair}`);
    found.errorIf(
      key.includes('*') || value.includes('*'),
      `wildcard is not supported in selector: ${pair}`,
    );
  }
}

/** What a policy is about: `selector`, `targetRef` or `targetRefs`, one of them. */
export function checkTargets(found: Findings, spec: JsonObject): void {
  const { selector, targetRef, targetRefs } = spec;
  const ways = [isSet(selector), isSet(targetRef), isFilled(targetRefs)].filter(Boolean);
  found.errorIf(ways.length > 1, 'only one of targetRefs or workloadSelector can be set');
  checkSelector(found, selector);
  if (isSet(targetRef)) checkTarget(found, objectAt(targetRef));
  for (const reference of objectsAt(targetRefs)) checkTarget(found, reference);
}

function checkTarget(found: Findings, reference: JsonObject): void {
  const [group, kind] = [stringAt(reference, 'group'), stringAt(reference, 'kind')];
  found.errorIf(stringAt(reference, 'name') === '', 'targetRef name must be set');
  found.errorIf(
    stringAt(reference, 'namespace') !== '',
    'targetRef namespace must not be set; cross namespace referencing is not supported',
  );
  found.errorIf(
    !Object.hasOwn(TARGETS, `${group === 'core' ? '' : group}/${kind}`),
    `targetRef must be to one of [${Object.values(TARGETS).join(' ')}] but was ${group}/${kind}`,
  );
}
