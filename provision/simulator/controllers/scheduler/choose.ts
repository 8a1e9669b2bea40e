import type { NodeSelectorTerm, Pod } from '../../kinds/types/core.ts';
import { filterFor } from './filters.ts';
import { preempt, priorityOf } from './preemption.ts';
import { type Rejection, unresolvable } from './rejection.ts';
import { bestNode } from './score.ts';
import type { NodeState, Snapshot } from './snapshot.ts';
import { volumeObstacle } from './volumes.ts';

/** Where a pod goes, or in the scheduler's words why nowhere. */
export type Choice =
  | { readonly type: 'node'; readonly node: string }
  | {
      readonly type: 'none';
      readonly message: string;
      /** Pods to send away, so that the pod fits on `nominated`. */
      readonly victims: readonly Pod[];
      readonly nominated?: string;
    };

/**
 * The node for a pod, or why there is none.
 * @param nominated pods that others were sent away for and that are not on their node yet
 */
export function chooseNode(pod: Pod, snapshot: Snapshot, nominated: readonly Pod[] = []): Choice {
  if (snapshot.nodes.length === 0) return nowhere('no nodes available to schedule pods');
  const reserved = withNominated(pod, snapshot, nominated);
  const obstacle = volumeObstacle(pod, reserved);
  if (obstacle !== undefined) {
    const count = snapshot.nodes.length;
    const helpless = unavailable(count, new Map([[UNHELPFUL, count]]));
    return nowhere(`0/${count} nodes are available: ${obstacle}. preemption: ${helpless}`);
  }
  const rejected = new Map<string, Rejection>();
  const filter = filterFor(pod, reserved);
  const named = namedNodes(pod);
  const fitting = reserved.nodes.filter((state) => {
    const { name } = state.node.metadata;
    const rejection =
      named && !named.has(name)
        ? unresolvable("node(s) didn't satisfy plugin(s) [NodeAffinity]")
        : filter(state);
    if (rejection) rejected.set(name, rejection);
    return !rejection;
  });
  const best = bestNode(pod, fitting, reserved);
  if (best) return { type: 'node', node: best.node.metadata.name };
  return failure(pod, reserved, rejected);
}

function nowhere(message: string): Choice {
  return { type: 'none', message, victims: [] };
}

/** Pods that are at least as important keep the room that was made for them. */
function withNominated(pod: Pod, snapshot: Snapshot, nominated: readonly Pod[]): Snapshot {
  const prior = nominated.filter(
    (other) => other.metadata.uid !== pod.metadata.uid && priorityOf(other) >= priorityOf(pod),
  );
  if (prior.length === 0) return snapshot;
  const nodes = snapshot.nodes.map((state): NodeState => {
    const { name } = state.node.metadata;
    return {
      ...state,
      pods: [...state.pods, ...prior.filter(({ status }) => status.nominatedNodeName === name)],
    };
  });
  return { ...snapshot, nodes };
}

/** The nodes that the pod's affinity names, as that of daemons does; undefined when it may be any. */
function namedNodes({ spec }: Pod): ReadonlySet<string> | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return undefined;
  const names = required.nodeSelectorTerms.map(namesOfTerm);
  const known = names.filter((one) => one !== undefined);
  return known.length === names.length ? new Set(known.flat()) : undefined;
}

function namesOfTerm({ matchFields = [] }: NodeSelectorTerm): readonly string[] | undefined {
  return matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    ?.values;
}

const UNHELPFUL = 'Preemption is not helpful for scheduling';

function failure(pod: Pod, snapshot: Snapshot, rejected: ReadonlyMap<string, Rejection>): Choice {
  const count = snapshot.nodes.length;
  const message = unavailable(count, countReasons(rejected.values()));
  const preemption = preempt(pod, snapshot, rejected);
  switch (preemption.type) {
    case 'victims':
      return { type: 'none', message, victims: preemption.victims, nominated: preemption.node };
    case 'ineligible':
      return nowhere(`${message} preemption: ${preemption.message}`);
    case 'none':
      break;
  }
  const reasons = countReasons(preemption.rejections.values());
  const others = count - preemption.rejections.size;
  if (others > 0) reasons.set(UNHELPFUL, others);
  return nowhere(`${message} preemption: ${unavailable(count, reasons)}`);
}

function countReasons(rejections: Iterable<Rejection>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

function unavailable(count: number, reasons: ReadonlyMap<string, number>): string {
  const list = [...reasons].map(([reason, times]) => `${times} ${reason}`).toSorted();
  return `0/${count} nodes are available: ${list.join(', ')}.`;
}
