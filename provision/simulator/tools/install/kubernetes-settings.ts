import { at, isObject, listAt, numberAt, objectAt } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { OperatorError } from './operator-error.ts';
import { merge, textAt } from './tree.ts';

/** How a component's Deployment is to be run: Helm values with `components.*.k8s` laid over them. */
export interface KubernetesSettings {
  readonly replicas: number;
  /** Undefined without autoscaling. */
  readonly autoscaling: Autoscaling | undefined;
  readonly resources: JsonObject;
  readonly env: readonly JsonObject[];
  readonly podAnnotations: JsonObject;
  readonly serviceAnnotations: JsonObject;
  /** Fields of the Service spec that are asked for. */
  readonly service: JsonObject;
  readonly strategy: JsonObject;
  /** nodeSelector, tolerations and affinity, where given. */
  readonly placement: JsonObject;
  readonly imagePullPolicy: string;
}

interface Autoscaling {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
}

/**
 * Reads the settings of one component.
 * @param values `values.pilot`, or `values.gateways.<name>` over the gateway chart's defaults
 * @param component the entry below `components`
 * @throws OperatorError for settings the simulator does not honour
 */
export function kubernetesSettings(values: JsonObject, component: JsonObject): KubernetesSettings {
  const k8s = objectAt(component, 'k8s');
  refuseUnhonoured(k8s);
  return {
    replicas: numberAt(k8s, 'replicaCount') ?? numberAt(values, 'replicaCount') ?? 1,
    autoscaling: autoscaling(values, k8s),
    resources: merge(objectAt(values, 'resources'), objectAt(k8s, 'resources')),
    env: environment(objectAt(values, 'env'), listAt(k8s, 'env')),
    podAnnotations: merge(objectAt(values, 'podAnnotations'), objectAt(k8s, 'podAnnotations')),
    serviceAnnotations: merge(
      objectAt(values, 'serviceAnnotations'),
      objectAt(k8s, 'serviceAnnotations'),
    ),
    service: serviceFields(values, k8s),
    strategy: merge(
      {
        rollingUpdate: {
          maxSurge: values['rollingMaxSurge'],
          maxUnavailable: values['rollingMaxUnavailable'],
        },
      },
      objectAt(k8s, 'strategy'),
    ),
    placement: placement(values, k8s),
    imagePullPolicy: textAt(k8s, 'imagePullPolicy'),
  };
}

const UNHONOURED = ['overlays', 'hpaSpec.metrics', 'readinessProbe', 'securityContext'] as const;

function refuseUnhonoured(k8s: JsonObject): void {
  const found = UNHONOURED.find((path) => at(k8s, ...path.split('.')) !== undefined);
  if (found === undefined) return;
  throw new OperatorError(`k8s.${found} is not simulated yet: use values or other k8s settings`);
}

function autoscaling(values: JsonObject, k8s: JsonObject): Autoscaling | undefined {
  const hpa = objectAt(k8s, 'hpaSpec');
  if (values['autoscaleEnabled'] === false) return undefined;
  return {
    min: numberAt(hpa, 'minReplicas') ?? numberAt(values, 'autoscaleMin') ?? 1,
    max: numberAt(hpa, 'maxReplicas') ?? numberAt(values, 'autoscaleMax') ?? 5,
    cpuPercent: numberAt(values, 'cpu', 'targetAverageUtilization') ?? 80,
  };
}

/** `values.*.env` is a map, `k8s.env` a list as in a container; the list wins. */
function environment(map: JsonObject, list: readonly Json[]): readonly JsonObject[] {
  const byName = new Map<string, JsonObject>(
    Object.entries(map).map(([name, value]) => [name, { name, value: textAt(value) }]),
  );
  for (const entry of list) if (isObject(entry)) byName.set(textAt(entry, 'name'), entry);
  return [...byName.values()];
}

function serviceFields(values: JsonObject, k8s: JsonObject): JsonObject {
  const { loadBalancerIP, ports, type, externalTrafficPolicy } = values;
  const asked: JsonObject = {
    ...(type !== undefined && { type }),
    ...(Array.isArray(ports) && ports.length > 0 && { ports }),
    ...(loadBalancerIP !== undefined && loadBalancerIP !== '' && { loadBalancerIP }),
    ...(externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
  };
  return merge(asked, objectAt(k8s, 'service'));
}

function placement(values: JsonObject, k8s: JsonObject): JsonObject {
  const names = ['nodeSelector', 'tolerations', 'affinity'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const asked = k8s[name] ?? values[name];
      return asked === undefined ? [] : [[name, asked] as const];
    }),
  );
}
