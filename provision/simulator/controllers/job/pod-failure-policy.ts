import type { Job, PodFailureRule } from '../../kinds/types/batch.ts';
import type { Pod } from '../../kinds/types/core.ts';

/** What the policy makes of a failed pod (Kubernetes documentation, "Jobs": pod failure policy). */
export interface PodFailureVerdict {
  readonly action: PodFailureRule['action'];
  /** For a Job that fails by it. */
  readonly message: string;
}

/** The verdict of the first rule that fits the pod; undefined when none does: the failure counts. */
export function judgeFailure({ spec }: Job, pod: Pod): PodFailureVerdict | undefined {
  const rules = spec.podFailurePolicy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const found = exitCodeText(rule, pod) ?? conditionText(rule, pod);
    if (found === undefined) continue;
    return {
      action: rule.action,
      message: `${found} matching ${rule.action} rule at index ${index}`,
    };
  }
  return undefined;
}

function placeOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function exitCodeText({ onExitCodes }: PodFailureRule, pod: Pod): string | undefined {
  if (!onExitCodes) return undefined;
  const { containerName, operator, values } = onExitCodes;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const exitCode = state.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) continue;
    if (values.includes(exitCode) !== (operator === 'In')) continue;
    return `Container ${name} for pod ${placeOf(pod)} failed with exit code ${exitCode}`;
  }
  return undefined;
}

function conditionText({ onPodConditions = [] }: PodFailureRule, pod: Pod): string | undefined {
  const found = pod.status.conditions?.find((condition) =>
    onPodConditions.some(
      ({ type, status = 'True' }) => type === condition.type && status === condition.status,
    ),
  );
  return found && `Pod ${placeOf(pod)} has condition ${found.type}`;
}
