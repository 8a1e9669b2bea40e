import type { Labels } from '../../../kinds/object.ts';
import type {
  DestinationRule,
  PortTrafficPolicy,
  TrafficPolicy,
} from '../../istio/destination-rule.ts';
import { nameOf } from '../snapshot.ts';

/** What DestinationRules say of one port of a host, or of one subset there. */
export interface AppliedRule {
  readonly policy: PortTrafficPolicy;
  /** Labels of the subset's pods; empty for all. */
  readonly labels: Labels;
  /** `reviews.default`; empty when no rule says anything. */
  readonly rule: string;
}

/**
 * All rules of one host as one: subsets by name are added, the oldest rule's policy counts; a subset's settings replace the rule's
 * field by field, and those of a port replace all others of the same place
 * (https://istio.io/latest/docs/reference/config/networking/destination-rule/). undefined when no rule declares the subset.
 */
export function applyRules(
  rules: readonly DestinationRule[],
  port: number,
  subset: string,
): AppliedRule | undefined {
  const [oldest] = rules;
  const general = policyOn(port, oldest?.spec?.trafficPolicy);
  if (subset === '') {
    return { policy: general, labels: {}, rule: oldest ? nameOf(oldest) : '' };
  }
  for (const rule of rules) {
    const found = rule.spec?.subsets?.find(({ name }) => name === subset);
    if (!found) continue;
    const policy = { ...general, ...policyOn(port, found.trafficPolicy) };
    return { policy, labels: found.labels ?? {}, rule: nameOf(rule) };
  }
  return undefined;
}

/** Subsets that the rules declare, in order. */
export function subsetsOf(rules: readonly DestinationRule[]): readonly string[] {
  return [...new Set(rules.flatMap(({ spec }) => (spec?.subsets ?? []).map(({ name }) => name)))];
}

function policyOn(port: number, policy: TrafficPolicy = {}): PortTrafficPolicy {
  const { portLevelSettings = [], ...general } = policy;
  const own = portLevelSettings.find((settings) => settings.port?.number === port);
  if (!own) return general;
  // What cannot be said of a port goes for all.
  const { retryBudget } = general;
  return { ...own, ...(retryBudget && { retryBudget }) };
}
