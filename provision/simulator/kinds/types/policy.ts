/** The fields of policy/v1, autoscaling/v2, rbac and storage that the simulator's controllers read. */
import type { JsonObject, KubeObject, Labels } from '../object.ts';
import type { LabelSelector } from './apps.ts';
import type { Condition } from './core.ts';

export interface PodDisruptionBudget extends KubeObject {
  readonly spec: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    /** Left out: no pod. Empty: all pods of the namespace. */
    readonly selector?: LabelSelector;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly expectedPods: number;
    readonly disruptedPods?: Labels;
    readonly conditions?: readonly Condition[];
  };
}

export interface HorizontalPodAutoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: {
      readonly kind: string;
      readonly name: string;
      readonly apiVersion?: string;
    };
    /** Default 1. */
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly MetricSpec[];
    /** Both directions, as soon as it says something about one. */
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastScaleTime?: string;
    readonly currentReplicas?: number;
    readonly desiredReplicas: number;
    readonly currentMetrics?: readonly JsonObject[] | null;
    readonly conditions?: readonly Condition[];
  };
}

export interface MetricTarget {
  readonly type: 'Utilization' | 'AverageValue' | 'Value';
  /** Percent of the pods' requests. */
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

export interface MetricSpec {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target: MetricTarget };
  readonly containerResource?: {
    readonly name: string;
    readonly container: string;
    readonly target: MetricTarget;
  };
  readonly pods?: { readonly metric: { readonly name: string } };
  readonly object?: {
    readonly metric: { readonly name: string };
    readonly describedObject: { readonly kind: string; readonly name: string };
  };
  readonly external?: {
    readonly metric: { readonly name: string; readonly selector?: JsonObject };
  };
}

/** How fast an autoscaler may go in one direction. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

export interface ClusterRole extends KubeObject {
  readonly rules?: readonly JsonObject[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: 'Retain' | 'Delete';
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}
