import type { NewObject } from '../../client/client.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';
import { textsAt } from './tree.ts';

/** What is told apart between istiod and a gateway. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly selector: Labels;
  readonly settings: KubernetesSettings;
}

/** The Deployment of a component; with autoscaling the number of replicas is left to it. */
export function deployment(
  { name, namespace, labels, selector, settings }: Workload,
  template: JsonObject,
): NewObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      ...(!settings.autoscaling && { replicas: settings.replicas }),
      selector: { matchLabels: selector },
      strategy: settings.strategy,
      template,
    },
  };
}

/** The Service in front of a component. */
export function service(
  { name, namespace, labels, settings }: Workload,
  spec: JsonObject,
): NewObject {
  const annotations = textsAt(settings.serviceAnnotations);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec,
  };
}

/** The autoscaler of a component, if it is to have one. */
export function autoscaler({ name, namespace, labels, settings }: Workload): readonly NewObject[] {
  if (!settings.autoscaling) return [];
  const { min, max, cpuPercent, behavior } = settings.autoscaling;
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace, labels },
      spec: {
        ...(Object.keys(behavior).length > 0 && { behavior }),
        maxReplicas: max,
        minReplicas: min,
        metrics: [
          {
            type: 'Resource',
            resource: {
              name: 'cpu',
              target: { type: 'Utilization', averageUtilization: cpuPercent },
            },
          },
        ],
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      },
    },
  ];
}

/** Environment from the pod's own fields, as every Istio container has it. */
export function fieldEnv(fields: Readonly<Record<string, string>>): readonly JsonObject[] {
  return Object.entries(fields).map(([name, fieldPath]) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  }));
}

/** Environment with plain values. */
export function plainEnv(values: Readonly<Record<string, string>>): readonly JsonObject[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** Limits of Go's runtime, taken from the container's own limits. */
export const GO_LIMITS: readonly JsonObject[] = [
  { name: 'GOMEMLIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
  {
    name: 'GOMAXPROCS',
    valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } },
  },
];

/** `own` with `asked` over it, by name. */
export function mergeEnv(
  own: readonly JsonObject[],
  asked: readonly JsonObject[],
): readonly JsonObject[] {
  const merged = new Map([...own, ...asked].map((entry) => [entry['name'], entry]));
  return [...merged.values()];
}

/** Neither root nor able to become it, on a file system it cannot write. */
export const LOCKED_DOWN: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};
