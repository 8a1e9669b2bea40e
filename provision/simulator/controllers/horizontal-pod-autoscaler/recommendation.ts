/** How many replicas an autoscaler recommends (Kubernetes documentation, "Horizontal Pod Autoscaling": algorithm details). */
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { canonicalQuantity, quantityValue } from '../../kinds/quantity.ts';
import type { Container, Pod } from '../../kinds/types/core.ts';
import type { MetricSpec } from '../../kinds/types/policy.ts';
import { isActive, isReady } from '../pods.ts';

/** metrics.k8s.io/v1beta1 PodMetrics. */
export interface PodMetrics extends KubeObject {
  readonly containers?: readonly {
    readonly name: string;
    readonly usage?: Readonly<Record<string, string>>;
  }[];
}

/** Ratios this near to 1 change nothing (kube-controller-manager, --horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 0.1;

export type Recommendation =
  | {
      readonly type: 'replicas';
      readonly replicas: number;
      /** For the condition and the event: `cpu resource utilization (percentage of request)`. */
      readonly metric: string;
      readonly currentMetrics: readonly JsonObject[];
    }
  | { readonly type: 'unknown'; readonly reason: string; readonly message: string };

/** What is measured of the target's pods. */
export interface Measurement {
  readonly replicas: number;
  readonly pods: readonly Pod[];
  /** Empty when nobody serves metrics. */
  readonly metrics: readonly PodMetrics[];
}

/** The highest recommendation of all metrics; unknown when none can be worked out. */
export function recommend(specs: readonly MetricSpec[], measurement: Measurement): Recommendation {
  const all = specs.map((spec) => recommendFor(spec, measurement));
  const known = all.filter((one) => one.type === 'replicas');
  const [first] = all;
  if (known.length === 0) return first ?? unknown('InvalidMetricSourceType', 'no metric is given');
  const best = known.reduce((a, b) => (b.replicas > a.replicas ? b : a));
  return { ...best, currentMetrics: known.flatMap(({ currentMetrics }) => currentMetrics) };
}

function recommendFor({ type, resource }: MetricSpec, measurement: Measurement): Recommendation {
  if (type !== 'Resource' || !resource) {
    return unknown(
      'InvalidMetricSourceType',
      `the HPA was unable to compute the replica count: the simulator measures only metrics of type Resource, not ${type}`,
    );
  }
  const { name, target } = resource;
  const what = target.averageUtilization === undefined ? 'resource metric value' : 'utilization';
  const measured = measurement.pods
    .filter((pod) => isActive(pod) && isReady(pod))
    .flatMap((pod) => usageOf(pod, name, measurement.metrics));
  if (measured.length === 0) {
    const why =
      measurement.metrics.length === 0
        ? 'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'
        : 'no metrics returned from resource metrics API';
    return unknown(
      'FailedGetResourceMetric',
      `the HPA was unable to compute the replica count: failed to get ${name} ${what}: unable to get metrics for resource ${name}: ${why}`,
    );
  }
  const usage = measured.reduce((sum, one) => sum + one.usage, 0);
  const average = usage / measured.length;
  if (target.averageUtilization === undefined) {
    const wanted = quantityValue(target.averageValue ?? '0');
    const current = { averageValue: quantityText(average) };
    return recommendation(`${name} resource`, average / wanted, { name, current }, measurement);
  }
  const unasked = measured.find(({ requested }) => requested === undefined);
  if (unasked) {
    return unknown(
      'FailedGetResourceMetric',
      `the HPA was unable to compute the replica count: failed to get ${name} utilization: missing request for ${name} in container ${unasked.container} of Pod ${unasked.pod}`,
    );
  }
  const requested = measured.reduce((sum, one) => sum + (one.requested ?? 0), 0);
  const utilization = Math.round((usage / requested) * 100);
  const current = { averageUtilization: utilization, averageValue: quantityText(average) };
  const metric = `${name} resource utilization (percentage of request)`;
  return recommendation(
    metric,
    utilization / target.averageUtilization,
    { name, current },
    measurement,
  );
}

function unknown(reason: string, message: string): Recommendation {
  return { type: 'unknown', reason, message };
}

function recommendation(
  metric: string,
  ratio: number,
  { name, current }: { readonly name: string; readonly current: JsonObject },
  { replicas, pods }: Measurement,
): Recommendation {
  const ready = pods.filter((pod) => isActive(pod) && isReady(pod)).length;
  const isNear = Math.abs(ratio - 1) <= TOLERANCE;
  return {
    type: 'replicas',
    replicas: isNear ? replicas : Math.ceil(ready * ratio),
    metric,
    currentMetrics: [{ type: 'Resource', resource: { name, current } }],
  };
}

interface Usage {
  readonly pod: string;
  readonly container: string;
  readonly usage: number;
  /** Undefined when some container asks for nothing. */
  readonly requested: number | undefined;
}

function usageOf(pod: Pod, resource: string, metrics: readonly PodMetrics[]): readonly Usage[] {
  const { name, namespace } = pod.metadata;
  const own = metrics.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  );
  if (!own) return [];
  const usage = (own.containers ?? []).reduce(
    (sum, container) => sum + quantityValue(container.usage?.[resource] ?? '0'),
    0,
  );
  const requestOf = ({ resources }: Container) => resources?.requests?.[resource];
  const unasked = pod.spec.containers.find((container) => requestOf(container) === undefined);
  const requested = pod.spec.containers.reduce(
    (sum, container) => sum + quantityValue(requestOf(container) ?? '0'),
    0,
  );
  return [
    {
      pod: name,
      container: unasked?.name ?? '',
      usage,
      requested: unasked ? undefined : requested,
    },
  ];
}

function quantityText(value: number): string {
  return canonicalQuantity(`${Math.ceil(value * 1_000)}m`) ?? '0';
}
