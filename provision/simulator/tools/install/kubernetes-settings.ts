import { isList, numberAt, objectAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { textsAt } from './tree.ts';
import { plainEnv } from './workload.ts';

/** How a component's Deployment is to be run, by its Helm values; `components.*.k8s` is laid over the objects afterwards. */
export interface KubernetesSettings {
  readonly replicas: number;
  /** Undefined without autoscaling. */
  readonly autoscaling: Autoscaling | undefined;
  readonly resources: JsonObject;
  readonly env: readonly JsonObject[];
  readonly podAnnotations: JsonObject;
  readonly podLabels: JsonObject;
  readonly serviceAnnotations: JsonObject;
  /** Fields of the Service spec that are asked for. */
  readonly service: JsonObject;
  readonly strategy: JsonObject;
  /** nodeSelector, tolerations, affinity and spreading, where given. */
  readonly placement: JsonObject;
}

interface Autoscaling {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
  readonly behavior: JsonObject;
}

/**
 * Reads the settings of one component.
 * @param values `values.pilot`, or `values.gateways.<name>` over the gateway chart's defaults
 */
export function kubernetesSettings(values: JsonObject): KubernetesSettings {
  return {
    replicas: numberAt(values, 'replicaCount') ?? 1,
    autoscaling: autoscaling(values),
    resources: objectAt(values, 'resources'),
    env: plainEnv(textsAt(values, 'env')),
    podAnnotations: objectAt(values, 'podAnnotations'),
    podLabels: objectAt(values, 'podLabels'),
    serviceAnnotations: objectAt(values, 'serviceAnnotations'),
    service: serviceFields(values),
    strategy: {
      rollingUpdate: {
        maxSurge: values['rollingMaxSurge'],
        maxUnavailable: values['rollingMaxUnavailable'],
      },
    },
    placement: placement(values),
  };
}

function autoscaling(values: JsonObject): Autoscaling | undefined {
  if (values['autoscaleEnabled'] === false) return undefined;
  return {
    min: numberAt(values, 'autoscaleMin') ?? 1,
    max: numberAt(values, 'autoscaleMax') ?? 5,
    cpuPercent: numberAt(values, 'cpu', 'targetAverageUtilization') ?? 80,
    behavior: objectAt(values, 'autoscaleBehavior'),
  };
}

const SERVICE_FIELDS = [
  'externalIPs',
  'externalTrafficPolicy',
  'ipFamilies',
  'ipFamilyPolicy',
  'loadBalancerClass',
  'loadBalancerIP',
  'loadBalancerSourceRanges',
  'type',
] as const;

function serviceFields(values: JsonObject): JsonObject {
  const given = SERVICE_FIELDS.flatMap((name) => {
    const value = values[name];
    const isEmpty = value === undefined || value === '' || (isList(value) && value.length === 0);
    return isEmpty ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

const PLACEMENT_FIELDS = [
  'affinity',
  'nodeSelector',
  'tolerations',
  'topologySpreadConstraints',
] as const;

function placement(values: JsonObject): JsonObject {
  return Object.fromEntries(
    PLACEMENT_FIELDS.flatMap((name) => {
      const asked = values[name];
      return asked === undefined ? [] : [[name, asked] as const];
    }),
  );
}
