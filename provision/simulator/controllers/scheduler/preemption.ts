import type { Pod } from '../../kinds/types/core.ts';
/** Kubernetes documentation, "Pod Priority and Preemption". */
import { isTerminating } from '../pods.ts';
import { filterFor } from './filters.ts';
import type { Rejection } from './rejection.ts';
import { unresolvable } from './rejection.ts';
import type { NodeState, Snapshot } from './snapshot.ts';
import { withPods } from './snapshot.ts';

/** What sending pods away comes to: a node and its victims, or why it does not help there. */
export type Preemption =
  | { readonly type: 'victims'; readonly node: string; readonly victims: readonly Pod[] }
  | { readonly type: 'none'; readonly rejections: ReadonlyMap<string, Rejection> }
  | { readonly type: 'ineligible'; readonly message: string };

export function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/**
 * Looks for pods of lower priority whose absence lets the pod fit.
 * @param rejected the nodes it does not fit on now
 */
export function preempt(
  pod: Pod,
  snapshot: Snapshot,
  rejected: ReadonlyMap<string, Rejection>,
): Preemption {
  const message = whyIneligible(pod, snapshot);
  if (message !== undefined) return { type: 'ineligible', message };
  const rejections = new Map<string, Rejection>();
  const candidates: Candidate[] = [];
  for (const state of snapshot.nodes) {
    const { name } = state.node.metadata;
    if (rejected.get(name)?.isResolvable !== true) continue;
    const found = victimsOn(pod, state, snapshot);
    if (found.type === 'victims') {
      const { victims } = found;
      const violations = victims.filter(snapshot.isProtected).length;
      candidates.push({ node: name, victims, violations });
    } else rejections.set(name, found.rejection);
  }
  const [best] = candidates.toSorted(compareCandidates);
  return best
    ? { type: 'victims', node: best.node, victims: best.victims }
    : { type: 'none', rejections };
}

function whyIneligible(pod: Pod, { nodes }: Snapshot): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const { nominatedNodeName } = pod.status;
  const nominated = nodes.find(({ node }) => node.metadata.name === nominatedNodeName);
  const isMakingRoom = nominated?.pods.some(
    (other) => isTerminating(other) && priorityOf(other) < priorityOf(pod),
  );
  return isMakingRoom ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

interface Candidate {
  readonly node: string;
  readonly victims: readonly Pod[];
  /** Victims that a disruption budget would keep. */
  readonly violations: number;
}

type VictimSearch =
  | { readonly type: 'victims'; readonly victims: readonly Pod[] }
  | { readonly type: 'none'; readonly rejection: Rejection };

function victimsOn(pod: Pod, state: NodeState, snapshot: Snapshot): VictimSearch {
  const { name } = state.node.metadata;
  const lower = state.pods.filter((other) => priorityOf(other) < priorityOf(pod));
  if (lower.length === 0) {
    return {
      type: 'none',
      rejection: unresolvable('No preemption victims found for incoming pod'),
    };
  }
  const rejectionWith = (pods: readonly Pod[]) =>
    filterFor(pod, withPods(snapshot, name, pods))({ node: state.node, pods });
  let kept = state.pods.filter((other) => !lower.includes(other));
  const rejection = rejectionWith(kept);
  if (rejection) return { type: 'none', rejection };
  const victims: Pod[] = [];
  // Those that a budget keeps are spared first, then the more important.
  const guard = (other: Pod) => (snapshot.isProtected(other) ? 1 : 0);
  const inOrder = lower.toSorted(
    (a, b) => guard(b) - guard(a) || priorityOf(b) - priorityOf(a) || compareStart(a, b),
  );
  for (const other of inOrder) {
    const spared = [...kept, other];
    if (rejectionWith(spared)) victims.push(other);
    else kept = spared;
  }
  return { type: 'victims', victims };
}

/** Fewer violated budgets, lower priorities, fewer victims and younger ones are the smaller loss. */
function compareCandidates(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate) => Math.max(...victims.map(priorityOf));
  const sum = ({ victims }: Candidate) => victims.reduce((all, one) => all + priorityOf(one), 0);
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    (a.node < b.node ? -1 : 1)
  );
}

function compareStart(a: Pod, b: Pod): number {
  return (a.status.startTime ?? '').localeCompare(b.status.startTime ?? '');
}
