/** What an autoscaler says about itself, in upstream's words (pkg/controller/podautoscaler). */
import type { HorizontalPodAutoscaler } from '../../kinds/types/policy.ts';
import type { NewCondition } from '../conditions.ts';

/** The target is not there. */
export function noScale({ spec }: HorizontalPodAutoscaler): NewCondition {
  const { kind, name } = spec.scaleTargetRef;
  const message = `the HPA controller was unable to get the target's current scale: ${kind.toLowerCase()}s.apps "${name}" not found`;
  return { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message };
}

export function gotScale(): NewCondition {
  const message = "the HPA controller was able to get the target's current scale";
  return { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message };
}

export function settled(): NewCondition {
  const message = 'recommended size matches current size';
  return { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message };
}

export function rescaled(replicas: number): NewCondition {
  const message = `the HPA controller was able to update the target scale to ${replicas}`;
  return { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message };
}

export function active(metric: string): NewCondition {
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  return { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message };
}

/** The number of replicas within the autoscaler's limits, and what that means. */
export function limit(
  { spec }: HorizontalPodAutoscaler,
  wanted: number,
): { readonly replicas: number; readonly condition: NewCondition } {
  const { minReplicas = 1, maxReplicas } = spec;
  const type = 'ScalingLimited';
  if (wanted < minReplicas) {
    const message = 'the desired replica count is less than the minimum replica count';
    const condition = { type, status: 'True', reason: 'TooFewReplicas', message } as const;
    return { replicas: minReplicas, condition };
  }
  if (wanted > maxReplicas) {
    const message = 'the desired replica count is more than the maximum replica count';
    const condition = { type, status: 'True', reason: 'TooManyReplicas', message } as const;
    return { replicas: maxReplicas, condition };
  }
  const message = 'the desired count is within the acceptable range';
  const condition = { type, status: 'False', reason: 'DesiredWithinRange', message } as const;
  return { replicas: wanted, condition };
}
