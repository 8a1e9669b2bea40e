/** Whether a pod may be on a node: what the scheduler and the DaemonSet controller both ask. */
import { matchesLabels, matchesRequirement } from '../kinds/selectors/labels.ts';
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../kinds/types/core.ts';

/** Whether a pod with these tolerations bears the taint (Kubernetes documentation, "Taints and Tolerations"). */
export function isTolerated(
  { key, value = '', effect }: Taint,
  tolerations: readonly Toleration[],
): boolean {
  return tolerations.some((toleration) => {
    const isKeyFit = (toleration.key ?? '') === '' || toleration.key === key;
    const isEffectFit = (toleration.effect ?? '') === '' || toleration.effect === effect;
    if (!isKeyFit || !isEffectFit) return false;
    return toleration.operator === 'Exists' || (toleration.value ?? '') === value;
  });
}

/** The first taint of one of these effects that the pod does not bear. */
export function untoleratedTaint(
  { spec }: Node,
  tolerations: readonly Toleration[] = [],
  effects: readonly string[] = ['NoSchedule', 'NoExecute'],
): Taint | undefined {
  return spec.taints?.find(
    (taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations),
  );
}

/** Whether the node has the labels that the pod's nodeSelector and required node affinity ask for. */
export function matchesNode(spec: PodSpec, node: Node): boolean {
  const isSelected = matchesLabels(spec.nodeSelector, node.metadata.labels);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!isSelected || !required) return isSelected;
  return matchesNodeSelector(required.nodeSelectorTerms, node);
}

/** Whether the node fits one of the terms; within a term everything counts. */
export function matchesNodeSelector(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node) {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((one) => matchesRequirement(one, labels)) &&
    matchFields.every((one) => matchesRequirement(one, fields))
  );
}
