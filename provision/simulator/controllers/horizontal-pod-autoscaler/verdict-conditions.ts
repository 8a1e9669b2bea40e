/** What an autoscaler says about itself, in upstream's words (pkg/controller/podautoscaler). */
import type { NewCondition } from '../conditions.ts';

/** The target is not there. */
export function noScale(why: string): NewCondition {
  const message = `the HPA controller was unable to get the target's current scale: ${why}`;
  return { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message };
}

export function gotScale(): NewCondition {
  const message = "the HPA controller was able to get the target's current scale";
  return { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message };
}

export function readyForScale(): NewCondition {
  const message = 'recommended size matches current size';
  return { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message };
}

/** An older recommendation holds the newest one back. */
export function stabilized(direction: 'up' | 'down'): NewCondition {
  const [reason, message] =
    direction === 'up'
      ? [
          'ScaleUpStabilized',
          'recent recommendations were lower than current one, applying the lowest recent recommendation',
        ]
      : [
          'ScaleDownStabilized',
          'recent recommendations were higher than current one, applying the highest recent recommendation',
        ];
  return { type: 'AbleToScale', status: 'True', reason, message };
}

export function rescaled(replicas: number): NewCondition {
  const message = `the HPA controller was able to update the target scale to ${replicas}`;
  return { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message };
}

export function active(metric: string): NewCondition {
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  return { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message };
}

export function disabled(): NewCondition {
  const message = 'scaling is disabled since the replica count of the target is zero';
  return { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message };
}

export function noMetric({
  reason,
  message,
}: {
  readonly reason: string;
  readonly message: string;
}): NewCondition {
  const text = `the HPA was unable to compute the replica count: ${message}`;
  return { type: 'ScalingActive', status: 'False', reason, message: text };
}

/** A custom resource does not say which pods are its own. */
export function noSelector(): NewCondition {
  const message = "the HPA target's scale is missing a selector";
  return { type: 'ScalingActive', status: 'False', reason: 'InvalidSelector', message };
}

const LIMITS = {
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  DesiredWithinRange: 'the desired count is within the acceptable range',
} as const;

/** Whether limits change what was asked for. */
export function within(reason: keyof typeof LIMITS): NewCondition {
  const status = reason === 'DesiredWithinRange' ? 'False' : 'True';
  return { type: 'ScalingLimited', status, reason, message: LIMITS[reason] };
}
