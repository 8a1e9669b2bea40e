import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { Node, Pod, TopologySpreadConstraint } from '../../kinds/types/core.ts';
/** Kubernetes documentation, "Pod Topology Spread Constraints". */
import { untoleratedTaint, matchesNode } from '../node-fit.ts';
import { controllerOf } from '../owners.ts';
import { isTerminating } from '../pods.ts';
import { type Rejection, unresolvable, unschedulable } from './rejection.ts';
import type { Snapshot } from './snapshot.ts';

const MISMATCH = "node(s) didn't match pod topology spread constraints";

/** The filter of constraints that must hold. */
export function spreadFilter(pod: Pod, snapshot: Snapshot): (node: Node) => Rejection | undefined {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  if (constraints.length === 0) return () => undefined;
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  const counted = constraints.map((constraint) => {
    const counts = countByDomain(pod, constraint, { snapshot, keys });
    const { minDomains = 1 } = constraint;
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    const own = isCounted(pod, constraint, pod) ? 1 : 0;
    return { constraint, counts, least: counts.size === 0 ? 0 : least, own };
  });
  return ({ metadata: { labels = {} } }) => {
    for (const { constraint, counts, least, own } of counted) {
      const domain = labels[constraint.topologyKey];
      if (domain === undefined) return unresolvable(`${MISMATCH} (missing required label)`);
      const skew = (counts.get(domain) ?? 0) + own - least;
      if (skew > constraint.maxSkew) return unschedulable(MISMATCH);
    }
    return undefined;
  };
}

function constraintsOf({ spec }: Pod, kind: TopologySpreadConstraint['whenUnsatisfiable']) {
  const all = spec.topologySpreadConstraints ?? [];
  return all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === kind);
}

interface Domains {
  readonly snapshot: Snapshot;
  /** Labels a node must have to count. */
  readonly keys: readonly string[];
}

function countByDomain(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  { snapshot, keys }: Domains,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { node, pods } of snapshot.nodes) {
    const { labels = {} } = node.metadata;
    if (!keys.every((key) => labels[key] !== undefined)) continue;
    if (!isEligible(pod, constraint, node)) continue;
    const domain = labels[constraint.topologyKey] ?? '';
    const found = pods.filter((other) => isCounted(pod, constraint, other)).length;
    counts.set(domain, (counts.get(domain) ?? 0) + found);
  }
  return counts;
}

function isEligible(pod: Pod, constraint: TopologySpreadConstraint, node: Node): boolean {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  if (nodeAffinityPolicy === 'Honor' && !matchesNode(pod.spec, node)) return false;
  return nodeTaintsPolicy === 'Ignore' || !untoleratedTaint(node, pod.spec.tolerations);
}

function isCounted(pod: Pod, constraint: TopologySpreadConstraint, other: Pod): boolean {
  const { labelSelector, matchLabelKeys = [] } = constraint;
  const own = pod.metadata.labels ?? {};
  const labels = other.metadata.labels ?? {};
  return (
    !isTerminating(other) &&
    other.metadata.namespace === pod.metadata.namespace &&
    matchesSelector(labelSelector, labels) &&
    matchLabelKeys.every((key) => own[key] === undefined || own[key] === labels[key])
  );
}

/** How crowded a node would be by the constraints one would like to hold; without any, by pods of the same controller. */
export function spreadCrowd(pod: Pod, snapshot: Snapshot): (node: Node) => number {
  const constraints = constraintsOf(pod, 'ScheduleAnyway');
  if (constraints.length === 0) return siblingCrowd(pod, snapshot);
  const counted = constraints.map((constraint) => {
    const keys = [constraint.topologyKey];
    return { constraint, counts: countByDomain(pod, constraint, { snapshot, keys }) };
  });
  return ({ metadata: { labels = {} } }) =>
    counted.reduce((sum, { constraint, counts }) => {
      const domain = labels[constraint.topologyKey];
      // A node outside of the topology is worse than any in it.
      const most = Math.max(0, ...counts.values()) + 1;
      const found = domain === undefined ? most : (counts.get(domain) ?? 0);
      return sum + found * Math.log(counts.size + 2);
    }, 0);
}

function siblingCrowd(pod: Pod, { nodes }: Snapshot): (node: Node) => number {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return () => 0;
  const counts = new Map(
    nodes.map(({ node, pods }) => [
      node.metadata.name,
      pods.filter((other) => !isTerminating(other) && controllerOf(other)?.uid === owner).length,
    ]),
  );
  return ({ metadata }) => counts.get(metadata.name) ?? 0;
}
