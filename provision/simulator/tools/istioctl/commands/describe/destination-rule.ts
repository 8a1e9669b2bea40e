import { at, isObject, listAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import type { Subject } from './subject.ts';

/** Names of subsets, by whether a pod is in them. */
export interface Subsets {
  readonly matching: readonly string[];
  readonly others: readonly string[];
}

/** The names of a rule's subsets, by whether some of the pods are in them. */
export function subsetsOf(rule: JsonObject | undefined, pods: readonly Labels[]): Subsets {
  const all = listAt(rule, 'spec', 'subsets').filter(isObject);
  const isIn = (subset: JsonObject) => {
    const labels = textsAt(subset, 'labels');
    return pods.some((pod) => matchesLabels(labels, pod));
  };
  return {
    matching: all.filter((subset) => isIn(subset)).map((subset) => textAt(subset, 'name')),
    others: all.filter((subset) => !isIn(subset)).map((subset) => textAt(subset, 'name')),
  };
}

/** What a rule does with the pods: subsets, mutual TLS, policies. */
export function sayDestinationRule(
  subject: Subject,
  rule: JsonObject,
  { podLabels, level }: { readonly podLabels: readonly Labels[]; readonly level: number },
): void {
  const host = JSON.stringify(textAt(rule, 'spec', 'host'));
  subject.say(`DestinationRule: ${subject.nameOf(rule)} for ${host}`, level);
  const { matching, others } = subsetsOf(rule, podLabels);
  if (matching.length + others.length > 0) {
    if (matching.length === 0) {
      const why = `(Non matching subsets ${others.join(',')})`;
      subject.say(`WARNING POD DOES NOT MATCH ANY SUBSETS.  ${why}`, level + 3);
    }
    subject.say(`Matching subsets: ${matching.join(',')}`, level + 3);
    if (others.length > 0) subject.say(`(Non-matching subsets ${others.join(',')})`, level + 6);
  }
  const policy = at(rule, 'spec', 'trafficPolicy');
  if (!isObject(policy)) {
    subject.say('No Traffic Policy', level + 3);
    return;
  }
  if (policy['tls'] !== undefined) {
    subject.say(
      `Traffic Policy TLS Mode: ${textAt(policy, 'tls', 'mode') || 'DISABLE'}`,
      level + 3,
    );
  }
  sayPolicies(subject, policy, level + 3);
  const ports = listAt(policy, 'portLevelSettings').filter(isObject);
  if (ports.length > 0) subject.say('Port Level Settings:', level + 3);
  for (const settings of ports) {
    subject.say(`${textAt(settings, 'port', 'number')}:`, 4);
    if (settings['tls'] !== undefined) {
      subject.say(`TLS Mode: ${textAt(settings, 'tls', 'mode') || 'DISABLE'}`, level + 6);
    }
    sayPolicies(subject, settings, level + 6);
  }
}

const POLICIES: Readonly<Record<string, string>> = {
  loadBalancer: 'load balancer',
  connectionPool: 'connection pool',
  outlierDetection: 'outlier detection',
};

function sayPolicies(subject: Subject, policy: JsonObject, level: number): void {
  const found = Object.entries(POLICIES).filter(([field]) => policy[field] !== undefined);
  if (found.length === 0) return;
  subject.say(`Policies: ${found.map(([, title]) => title).join('/')}`, level);
}
