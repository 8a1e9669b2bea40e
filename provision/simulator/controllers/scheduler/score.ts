import type { Node, Pod } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';
/** Which of the nodes that fit is best: upstream's score plugins with their weights (Kubernetes documentation, "Scheduler Configuration"). */
import { isTolerated, matchesNodeSelector } from '../node-fit.ts';
import { interPodPreference } from './inter-pod.ts';
import { requestsOf } from './requests.ts';
import type { NodeState, Snapshot } from './snapshot.ts';
import { spreadCrowd } from './spread.ts';

const FULL = 100;
const WEIGHTS = { taints: 3, nodeAffinity: 2, spread: 2, interPod: 2, resources: 1 };
/** A pod that asks for nothing still takes something: what upstream reckons with. */
const UNSAID: Readonly<Record<string, number>> = { cpu: 0.1, memory: 200 * 1024 ** 2 };

/** The best node; among equals the first by name. `fitting` must not be empty. */
export function bestNode(
  pod: Pod,
  fitting: readonly NodeState[],
  snapshot: Snapshot,
): NodeState | undefined {
  const all = fitting.map(({ node }) => node);
  const preference = interPodPreference(pod, snapshot);
  const scales = {
    taints: lessIsBetter(all.map((node) => avoidedTaints(pod, node))),
    nodeAffinity: moreIsBetter(all.map((node) => nodePreference(pod, node))),
    spread: lessIsBetter(all.map(spreadCrowd(pod, snapshot))),
    interPod: between(all.map(preference)),
  };
  const scored = fitting.map((state, index) => ({
    state,
    score:
      WEIGHTS.taints * (scales.taints[index] ?? 0) +
      WEIGHTS.nodeAffinity * (scales.nodeAffinity[index] ?? 0) +
      WEIGHTS.spread * (scales.spread[index] ?? 0) +
      WEIGHTS.interPod * (scales.interPod[index] ?? 0) +
      WEIGHTS.resources * resourceScore(pod, state),
  }));
  const [best] = scored.toSorted(
    (a, b) => b.score - a.score || (nameOf(a.state) < nameOf(b.state) ? -1 : 1),
  );
  return best?.state;
}

function nameOf({ node }: NodeState): string {
  return node.metadata.name;
}

function lessIsBetter(values: readonly number[]): readonly number[] {
  const most = Math.max(0, ...values);
  return values.map((value) => (most === 0 ? FULL : (FULL * (most - value)) / most));
}

function moreIsBetter(values: readonly number[]): readonly number[] {
  const most = Math.max(0, ...values);
  return values.map((value) => (most === 0 ? 0 : (FULL * value) / most));
}

/** Values of either sign, from the lowest to the highest. */
function between(values: readonly number[]): readonly number[] {
  const least = Math.min(...values);
  const width = Math.max(...values) - least;
  return values.map((value) => (width === 0 ? 0 : (FULL * (value - least)) / width));
}

function avoidedTaints({ spec }: Pod, { spec: { taints = [] } }: Node): number {
  return taints.filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, spec.tolerations ?? []),
  ).length;
}

function nodePreference({ spec }: Pod, node: Node): number {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms
    .filter(({ preference }) => matchesNodeSelector([preference], node))
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** Least allocated first, and processors and memory used alike. */
function resourceScore(pod: Pod, { node, pods }: NodeState): number {
  const shares = Object.keys(UNSAID).map((resource) => {
    const whole = quantityValue(node.status.allocatable?.[resource] ?? '0');
    const used = [...pods, pod].reduce((sum, one) => sum + assumedRequest(one, resource), 0);
    return whole === 0 ? 1 : Math.min(1, used / whole);
  });
  const [cpu = 0, memory = 0] = shares;
  const least = FULL * (1 - (cpu + memory) / 2);
  const balanced = FULL * (1 - Math.abs(cpu - memory) / 2);
  return least + balanced;
}

function assumedRequest({ spec }: Pod, resource: string): number {
  return requestsOf(spec).get(resource) ?? (UNSAID[resource] ?? 0) * spec.containers.length;
}
