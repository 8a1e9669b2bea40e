/** Whether a pod may be on a node: what the scheduler and the DaemonSet controller both ask. */
import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  Taint,
  Toleration,
} from '../kinds/types/core.ts';

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
  const labels = node.metadata.labels ?? {};
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!isSelected || !required) return isSelected;
  // Terms are alternatives; within a term everything counts.
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node) {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields: Readonly<Record<string, string>> = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((one) => matchesRequirement(one, labels[one.key])) &&
    matchFields.every((one) => matchesRequirement(one, fields[one.key]))
  );
}

function matchesRequirement(
  { operator, values = [] }: NodeSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      break;
  }
  return value !== undefined && Number(value) < Number(values[0]);
}
