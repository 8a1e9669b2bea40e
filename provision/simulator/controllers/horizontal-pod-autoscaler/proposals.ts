/** What each metric of an autoscaler proposes, and which proposal counts (pkg/controller/podautoscaler, horizontal). */
import type { JsonObject } from '../../kinds/object.ts';
import type { MetricSpec, MetricTarget } from '../../kinds/types/policy.ts';
import { whyNoAdapter } from './adapter-metrics.ts';
import type { Measured } from './pod-metrics.ts';
import {
  type Calculation,
  type Measurement,
  replicasForAverage,
  replicasForUtilization,
  type ResourceQuery,
} from './replica-calculator.ts';

/** A metric that could not be worked out. */
export interface MetricFailure {
  /** For the condition and the event: `FailedGetResourceMetric`. */
  readonly reason: string;
  readonly message: string;
}

export type Outcome =
  | {
      readonly type: 'replicas';
      readonly replicas: number;
      /** The metric that decides: `cpu resource utilization (percentage of request)`. */
      readonly metric: string;
      readonly currentMetrics: readonly JsonObject[];
      /** Of the other metrics. */
      readonly failures: readonly MetricFailure[];
    }
  | {
      readonly type: 'unknown';
      readonly failures: readonly [MetricFailure, ...MetricFailure[]];
      readonly message: string;
      readonly currentMetrics: readonly JsonObject[];
    };

/** What is known of the target. */
export interface Facts extends Omit<Measurement, 'metrics'> {
  readonly namespace: string;
  readonly measured: Measured;
}

type Proposal =
  | {
      readonly type: 'replicas';
      readonly replicas: number;
      readonly metric: string;
      readonly current: JsonObject;
    }
  | { readonly type: 'failed'; readonly failure: MetricFailure; readonly prefix: string };

/** The highest proposal counts; a metric that fails forbids only that fewer replicas are wanted. */
export function propose(specs: readonly MetricSpec[], facts: Facts): Outcome {
  const all = specs.map((spec) => proposalOf(spec, facts));
  const known = all.filter((one) => one.type === 'replicas');
  const failed = all.filter((one) => one.type === 'failed');
  const failures = failed.map(({ failure }) => failure);
  const currentMetrics = known.map(({ current }) => current);
  const [firstFailed] = failed;
  const [firstFailure] = failures;
  const [first, ...others] = known;
  const best = others.reduce(
    (one, other) => (one && other.replicas <= one.replicas ? one : other),
    first,
  );
  const isHeldBack = firstFailed !== undefined && (!best || best.replicas < facts.replicas);
  if (best && !isHeldBack) {
    const { replicas, metric } = best;
    return { type: 'replicas', replicas, metric, currentMetrics, failures };
  }
  const count = `${failed.length} invalid out of ${specs.length}`;
  const cause = firstFailed ? `${firstFailed.prefix}: ${firstFailed.failure.message}` : '';
  return {
    type: 'unknown',
    failures: [firstFailure ?? NO_METRIC, ...failures.slice(1)],
    message: `invalid metrics (${count}), first error is: ${cause}`,
    currentMetrics,
  };
}

const NO_METRIC: MetricFailure = {
  reason: 'InvalidMetricSourceType',
  message: 'the HPA was unable to compute the replica count: no metric is given',
};

function proposalOf(spec: MetricSpec, facts: Facts): Proposal {
  switch (spec.type) {
    case 'Resource':
      return spec.resource ? ofResource(spec.resource, facts) : ofNoSource(spec.type);
    case 'ContainerResource':
      return spec.containerResource
        ? ofContainer(spec.containerResource, facts)
        : ofNoSource(spec.type);
    default:
      return withoutAdapter(spec, facts.namespace);
  }
}

/** Metrics that an adapter would have to serve, as on a cluster that has none. */
function withoutAdapter(spec: MetricSpec, namespace: string): Proposal {
  const why = whyNoAdapter(spec, namespace);
  return why ? { type: 'failed', ...why } : ofNoSource(spec.type);
}

function ofNoSource(type: string): Proposal {
  const message = `unknown metric source type "${type}"`;
  return {
    type: 'failed',
    failure: { reason: 'InvalidMetricSourceType', message },
    prefix: message,
  };
}

function ofResource({ name, target }: NonNullable<MetricSpec['resource']>, facts: Facts): Proposal {
  const found = calculate({ resource: name }, target, facts);
  if (found.type === 'failed') {
    const failure = { reason: 'FailedGetResourceMetric', message: found.message };
    return { type: 'failed', failure, prefix: `failed to get ${name} resource metric value` };
  }
  const metric =
    target.averageUtilization === undefined
      ? `${name} resource`
      : `${name} resource utilization (percentage of request)`;
  const current = { type: 'Resource', resource: { name, current: currentOf(found) } };
  return { type: 'replicas', replicas: found.replicas, metric, current };
}

function ofContainer(
  { name, container, target }: NonNullable<MetricSpec['containerResource']>,
  facts: Facts,
): Proposal {
  const found = calculate({ resource: name, container }, target, facts);
  if (found.type === 'failed') {
    const failure = { reason: 'FailedGetContainerResourceMetric', message: found.message };
    return { type: 'failed', failure, prefix: `failed to get ${name} container metric value` };
  }
  const metric =
    target.averageUtilization === undefined
      ? `${name} container resource`
      : `${name} container resource utilization (percentage of request)`;
  const containerResource = { container, name, current: currentOf(found) };
  const current = { type: 'ContainerResource', containerResource };
  return { type: 'replicas', replicas: found.replicas, metric, current };
}

function calculate(
  query: ResourceQuery,
  { averageUtilization, averageValue }: MetricTarget,
  { measured, ...facts }: Facts,
): Calculation {
  const { resource } = query;
  const what = `failed to get ${resource} ${averageValue === undefined ? 'utilization' : 'usage'}`;
  if (measured.type === 'failed') {
    const message = `${what}: unable to get metrics for resource ${resource}: ${measured.message}`;
    return { type: 'failed', message };
  }
  const measurement = { ...facts, metrics: measured.items };
  const found =
    averageValue !== undefined
      ? replicasForAverage(query, averageValue, measurement)
      : replicasForUtilization(query, averageUtilization ?? 0, measurement);
  return found.type === 'failed' ? { ...found, message: `${what}: ${found.message}` } : found;
}

function currentOf({
  utilization,
  averageValue,
}: Extract<Calculation, { type: 'replicas' }>): JsonObject {
  return {
    ...(utilization !== undefined && { averageUtilization: utilization }),
    averageValue,
  };
}
