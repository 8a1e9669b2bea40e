import type { Container, Pod } from '../../kinds/types/core.ts';
/** How many replicas a resource metric asks for (pkg/controller/podautoscaler, replica_calculator). */
import { canonicalQuantity, quantityValue } from '../../kinds/values/quantity.ts';
import { podCondition } from '../pods.ts';
import type { PodMetrics } from './pod-metrics.ts';

/** Ratios this near to 1 change nothing (kube-controller-manager, --horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 0.1;
/** A pod's CPU may be that of its start for so long (--horizontal-pod-autoscaler-cpu-initialization-period). */
const CPU_INITIALIZATION_MS = 300_000;
/** A pod that was never ready for so long has not begun (--horizontal-pod-autoscaler-initial-readiness-delay). */
const INITIAL_READINESS_MS = 30_000;

/** A resource of the target's pods, or of one container of each. */
export interface ResourceQuery {
  readonly resource: string;
  readonly container?: string;
}

export interface Measurement {
  /** Replicas that the target asks for now. */
  readonly replicas: number;
  readonly pods: readonly Pod[];
  readonly metrics: readonly PodMetrics[];
  readonly nowMs: number;
}

/** What came out; averages are in the metric's own unit. */
export type Calculation =
  | {
      readonly type: 'replicas';
      readonly replicas: number;
      /** Percent of requests; left out where a value was aimed at. */
      readonly utilization?: number;
      readonly averageValue: string;
    }
  | { readonly type: 'failed'; readonly message: string };

interface Sample {
  readonly pod: Pod;
  /** Thousandths of the unit, as upstream counts. */
  readonly milli: number;
}

interface Groups {
  readonly ready: readonly Sample[];
  readonly unready: readonly Pod[];
  readonly missing: readonly Pod[];
}

/** For a target that is a part of what pods request. */
export function replicasForUtilization(
  query: ResourceQuery,
  target: number,
  measurement: Measurement,
): Calculation {
  const groups = groupsOf(query, measurement);
  if (typeof groups === 'string') return failed(groups);
  const requests = new Map<string, number>();
  for (const pod of measurement.pods) {
    const requested = requestOf(query, pod);
    if (typeof requested === 'string') return failed(requested);
    requests.set(pod.metadata.name, requested);
  }
  const requestOfPod = ({ metadata }: Pod) => requests.get(metadata.name) ?? 0;
  const ratioOf = (samples: readonly Sample[]) => {
    const usage = sumOf(samples.map(({ milli }) => milli));
    const requested = sumOf(samples.map(({ pod }) => requestOfPod(pod)));
    return { utilization: Math.trunc((usage * 100) / requested), usage };
  };
  const { utilization, usage } = ratioOf(groups.ready);
  const replicas = replicasFor(groups, measurement.replicas, {
    ratioOf: (samples) => ratioOf(samples).utilization / target,
    // A pod that tells nothing counts against a change: as full when others are idle, as idle when others are full.
    assumed: (pod) => (requestOfPod(pod) * Math.max(100, target)) / 100,
  });
  return {
    type: 'replicas',
    replicas,
    utilization,
    averageValue: quantityText(usage / groups.ready.length),
  };
}

/** For a target that is a value of each pod. */
export function replicasForAverage(
  query: ResourceQuery,
  target: string,
  measurement: Measurement,
): Calculation {
  const groups = groupsOf(query, measurement);
  if (typeof groups === 'string') return failed(groups);
  const targetMilli = quantityValue(target) * 1000;
  const replicas = replicasFor(groups, measurement.replicas, {
    ratioOf: (samples) => average(samples) / targetMilli,
    assumed: () => targetMilli,
  });
  return { type: 'replicas', replicas, averageValue: quantityText(average(groups.ready)) };
}

function average(samples: readonly Sample[]): number {
  return Math.trunc(sumOf(samples.map(({ milli }) => milli)) / samples.length);
}

/** How samples are judged. */
interface Scale {
  /** What is used, as a part of what is aimed at. */
  readonly ratioOf: (samples: readonly Sample[]) => number;
  /** What a pod without a measurement is taken to use while others are idle. */
  readonly assumed: (pod: Pod) => number;
}

function replicasFor(groups: Groups, current: number, scale: Scale): number {
  const { ready, unready, missing } = groups;
  const ratio = scale.ratioOf(ready);
  const countsUnready = unready.length > 0 && ratio > 1;
  if (!countsUnready && missing.length === 0) {
    return isNear(ratio) ? current : Math.ceil(ratio * ready.length);
  }
  const samples = filledUp(groups, ratio, scale);
  const newRatio = scale.ratioOf(samples);
  const isTurned = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
  if (isNear(newRatio) || isTurned) return current;
  const wanted = Math.ceil(newRatio * samples.length);
  return newRatio < 1 ? Math.min(wanted, current) : Math.max(wanted, current);
}

/** Pods that tell nothing count against the change that the others ask for. */
function filledUp(
  { ready, unready, missing }: Groups,
  ratio: number,
  { assumed }: Scale,
): readonly Sample[] {
  const guesses = missing.map((pod) => ({ pod, milli: ratio < 1 ? assumed(pod) : 0 }));
  const idle = unready.map((pod) => ({ pod, milli: 0 }));
  return [...ready, ...(ratio === 1 ? [] : guesses), ...(ratio > 1 ? idle : [])];
}

function isNear(ratio: number): boolean {
  return Math.abs(ratio - 1) <= TOLERANCE;
}

/** Pods by whether what they use counts; a text when nothing can be said. */
function groupsOf(query: ResourceQuery, { pods, metrics, nowMs }: Measurement): Groups | string {
  const what = `unable to get metrics for resource ${query.resource}`;
  if (metrics.length === 0) return `${what}: no metrics returned from resource metrics API`;
  if (pods.length === 0) return 'no pods returned by selector while calculating replica count';
  const byName = new Map(metrics.map((one) => [one.metadata.name, one]));
  const groups = {
    ready: new Array<Sample>(),
    unready: new Array<Pod>(),
    missing: new Array<Pod>(),
  };
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp || pod.status.phase === 'Failed') continue;
    const own = byName.get(pod.metadata.name);
    const milli = own && usageOf(query, own);
    if (pod.status.phase === 'Pending') groups.unready.push(pod);
    else if (own === undefined || milli === undefined) groups.missing.push(pod);
    else if (query.resource === 'cpu' && isStarting(pod, own, nowMs)) groups.unready.push(pod);
    else groups.ready.push({ pod, milli });
  }
  return groups.ready.length > 0
    ? groups
    : 'did not receive metrics for targeted pods (pods might be unready)';
}

/** Whether a pod's CPU says only how it starts. */
function isStarting(pod: Pod, metrics: PodMetrics, nowMs: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const startMs = Date.parse(pod.status.startTime ?? '');
  if (!ready || Number.isNaN(startMs)) return true;
  const sinceMs = Date.parse(ready.lastTransitionTime ?? '');
  if (startMs + CPU_INITIALIZATION_MS > nowMs) {
    const measuredMs = Date.parse(metrics.timestamp ?? '');
    const windowMs = Number.parseFloat(metrics.window ?? '0') * 1000;
    return ready.status === 'False' || measuredMs < sinceMs + windowMs;
  }
  return ready.status === 'False' && startMs + INITIAL_READINESS_MS > sinceMs;
}

/** Undefined when a container has no figure. */
function usageOf({ resource, container }: ResourceQuery, { containers = [] }: PodMetrics) {
  const counted = containers.filter(({ name }) => container === undefined || name === container);
  const amounts = counted.map(({ usage }) => usage?.[resource]);
  if (amounts.length === 0 || amounts.includes(undefined)) return undefined;
  return sumOf(amounts.map((amount) => Math.ceil(quantityValue(amount ?? '0') * 1000)));
}

function requestOf({ resource, container }: ResourceQuery, pod: Pod): number | string {
  const { spec, metadata } = pod;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy);
  const counted = [...spec.containers, ...sidecars].filter(
    ({ name }) => container === undefined || name === container,
  );
  if (counted.length === 0) {
    return `container ${container ?? ''} not present in metrics for pod ${metadata.namespace ?? ''}/${metadata.name}`;
  }
  const asked = ({ resources }: Container) => resources?.requests?.[resource];
  const silent = counted.find((one) => asked(one) === undefined);
  if (silent) {
    return `missing request for ${resource} in container ${silent.name} of Pod ${metadata.name}`;
  }
  return sumOf(counted.map((one) => Math.ceil(quantityValue(asked(one) ?? '0') * 1000)));
}

function failed(message: string): Calculation {
  return { type: 'failed', message };
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function quantityText(milli: number): string {
  return canonicalQuantity(`${Math.trunc(milli)}m`) ?? '0';
}
