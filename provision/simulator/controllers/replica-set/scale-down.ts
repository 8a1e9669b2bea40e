import type { Pod } from '../../kinds/types/core.ts';
import { isReady, podCondition } from '../pods.ts';

/** Kubernetes documentation, "ReplicaSet": pod deletion cost. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES: readonly (string | undefined)[] = ['Pending', 'Unknown', 'Running'];

/**
 * The pods in the order in which they are given up: not assigned to a node, not running, not ready, cheap by
 * annotation, on a crowded node, ready for a shorter time, restarted more often, younger (upstream: ActivePodsWithRanks).
 * @param relatives pods of all sets of the same owner, to tell which nodes are crowded
 */
export function inOrderOfDeletion(
  candidates: readonly Pod[],
  relatives: readonly Pod[],
  nowMs: number,
): readonly Pod[] {
  const crowd = new Map<string, number>();
  for (const { spec } of relatives) {
    const node = spec.nodeName ?? '';
    crowd.set(node, (crowd.get(node) ?? 0) + 1);
  }
  const rankings = candidates.map((pod) => ({ pod, ranks: ranksOf(pod, crowd, nowMs) }));
  return rankings.toSorted((a, b) => compare(a.ranks, b.ranks)).map(({ pod }) => pod);
}

/** Numbers that are compared one after the other; the lower goes first. */
function ranksOf(pod: Pod, crowd: ReadonlyMap<string, number>, nowMs: number): readonly number[] {
  const cost = Number(pod.metadata.annotations?.[DELETION_COST] ?? 0);
  return [
    pod.spec.nodeName ? 1 : 0,
    PHASES.indexOf(pod.status.phase),
    isReady(pod) ? 1 : 0,
    Number.isNaN(cost) ? 0 : cost,
    -(crowd.get(pod.spec.nodeName ?? '') ?? 0),
    // Ages count by their order of magnitude, so that no pattern of restarts always hits the same pod.
    magnitude(podCondition(pod, 'Ready')?.lastTransitionTime, nowMs),
    -restartsOf(pod),
    magnitude(pod.metadata.creationTimestamp, nowMs),
  ];
}

function magnitude(since: string | undefined, nowMs: number): number {
  const ageSeconds = (nowMs - Date.parse(since ?? '')) / 1_000;
  return ageSeconds > 1 ? Math.floor(Math.log2(ageSeconds)) : 0;
}

function restartsOf({ status }: Pod): number {
  return Math.max(0, ...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

function compare(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((rank, place) => rank !== right[place]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}
