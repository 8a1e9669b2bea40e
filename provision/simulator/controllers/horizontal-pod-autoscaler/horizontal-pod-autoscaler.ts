import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { horizontalPodAutoscalers, pods } from '../../kinds/resources.ts';
import type { Condition } from '../../kinds/types/core.ts';
import type { HorizontalPodAutoscaler } from '../../kinds/types/policy.ts';
import { type NewCondition, withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { keyOf, namespaceOf, runLoop, splitKey, targetOf } from '../controller.ts';
import type { WorkQueue } from '../work-queue.ts';
import { type History, NO_HISTORY, paced, trimmed } from './pace.ts';
import { measuredIn } from './pod-metrics.ts';
import { type Outcome, propose } from './proposals.ts';
import { SCALABLE, type ScaleTarget, scaleTarget } from './scale-target.ts';
import {
  active,
  disabled,
  gotScale,
  noMetric,
  noScale,
  noSelector,
  rescaled,
} from './verdict-conditions.ts';

/** Time between two looks at metrics, in milliseconds (kube-controller-manager, --horizontal-pod-autoscaler-sync-period). */
const PERIOD_MS = 15_000;

/**
 * Scales by resource metrics (Kubernetes documentation, "Horizontal Pod Autoscaling"). It looks every 15 s, and sooner when
 * an autoscaler or its target is made or an autoscaler is changed; without an autoscaler nothing runs.
 */
export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler',
  start: (context) => {
    const { client } = context;
    const memory = new Map<string, Memory>();
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, { queue, memory }),
      watch: (queue) => [
        client.watch(horizontalPodAutoscalers, ({ object }) => {
          // Its own status is what this controller writes at every look.
          const isOwnWrite = isSame(memory.get(keyOf(object))?.spec, object.spec);
          if (!isOwnWrite) queue.add(keyOf(object));
        }),
        ...SCALABLE.map((resource) =>
          client.watch(resource, ({ type, object }) => {
            if (type === 'MODIFIED') return;
            const namespace = namespaceOf(object);
            for (const scaler of client.list(horizontalPodAutoscalers, { namespace })) {
              const { kind, name } = scaler.spec.scaleTargetRef;
              if (kind === object.kind && name === object.metadata.name) queue.add(keyOf(scaler));
            }
          }),
        ),
      ],
    });
  },
};

/** What is known of an autoscaler from one look to the next. */
interface Memory {
  readonly spec: HorizontalPodAutoscaler['spec'];
  readonly history: History;
}

interface Work {
  readonly queue: WorkQueue;
  readonly memory: Map<string, Memory>;
}

async function sync(
  context: ControllerContext,
  key: string,
  { queue, memory }: Work,
): Promise<void> {
  const { client, clock } = context;
  const { namespace, name } = splitKey(key);
  const scaler = client.get(horizontalPodAutoscalers, name, namespace);
  if (!scaler) {
    memory.delete(key);
    return;
  }
  queue.addAfter(key, PERIOD_MS);
  const history = trimmed(memory.get(key)?.history ?? NO_HISTORY, clock.now());
  memory.set(key, { spec: scaler.spec, history });
  const target = scaleTarget(client, scaler);
  if (target.type === 'missing') {
    const { why } = target;
    context.events.record(scaler, { type: 'Warning', reason: 'FailedGetScale', message: why });
    // What it counted before is no longer known; zero is what upstream shows of a new one.
    const { currentReplicas = 0, desiredReplicas = 0 } = scaler.status ?? {};
    const counts = { current: currentReplicas, desired: desiredReplicas };
    await writeStatus(context, scaler, { ...counts, conditions: [noScale(why)] });
    return;
  }
  const next = await scale(context, scaler, target, history);
  memory.set(key, { spec: scaler.spec, history: next });
}

type Found = Extract<ScaleTarget, { type: 'found' }>;

/** Brings the target to what is wanted, and gives the history with what was done. */
async function scale(
  context: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  target: Found,
  history: History,
): Promise<History> {
  const { minReplicas = 1, maxReplicas } = scaler.spec;
  const { replicas: current } = target;
  if (current === 0 && minReplicas !== 0) {
    const conditions = [gotScale(), disabled()];
    await writeStatus(context, scaler, { current: target.reported, desired: 0, conditions });
    return history;
  }
  if (current > maxReplicas || current < minReplicas) {
    const [word, limit, replicas] =
      current > maxReplicas ? ['above', 'Max', maxReplicas] : ['below', 'Min', minReplicas];
    const reason = `Current number of replicas ${word} Spec.${limit}Replicas`;
    return setReplicas(context, scaler, { target, replicas, reason, conditions: [], history });
  }
  return scaleByMetrics(context, scaler, target, history);
}

async function scaleByMetrics(
  context: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  target: Found,
  history: History,
): Promise<History> {
  const { client, clock, events } = context;
  const { replicas: current, reported } = target;
  const namespace = namespaceOf(scaler);
  const desired = scaler.status?.desiredReplicas ?? 0;
  if (!target.selects) {
    for (const reason of ['SelectorRequired', 'FailedComputeMetricsReplicas'])
      events.record(scaler, { type: 'Warning', reason, message: 'selector is required' });
    const conditions = [gotScale(), noSelector()];
    await writeStatus(context, scaler, { current: reported, desired, conditions });
    return history;
  }
  const nowMs = clock.now();
  const outcome = propose(scaler.spec.metrics ?? [], {
    namespace,
    replicas: current,
    pods: client.list(pods, { namespace }).filter(target.selects),
    measured: measuredIn(client, namespace),
    nowMs,
  });
  for (const { reason, message } of outcome.failures)
    events.record(scaler, { type: 'Warning', reason, message });
  if (outcome.type === 'unknown') {
    const reason = 'FailedComputeMetricsReplicas';
    events.record(scaler, { type: 'Warning', reason, message: outcome.message });
    const conditions = [gotScale(), noMetric(outcome.failures[0])];
    await writeStatus(context, scaler, {
      current: reported,
      desired,
      conditions,
      currentMetrics: outcome.currentMetrics,
    });
    return history;
  }
  const recommendation = { atMs: nowMs, replicas: outcome.replicas };
  const recommendations = [...history.recommendations, recommendation];
  const remembered = { ...history, recommendations };
  const pace = paced(scaler, { current, wanted: outcome.replicas, nowMs }, remembered);
  return setReplicas(context, scaler, {
    target,
    replicas: pace.replicas,
    reason: rescaleReason(outcome, current),
    conditions: [...pace.conditions, active(outcome.metric)],
    currentMetrics: outcome.currentMetrics,
    history: remembered,
  });
}

function rescaleReason(
  { replicas, metric }: Extract<Outcome, { type: 'replicas' }>,
  current: number,
): string {
  return replicas > current ? `${metric} above target` : 'All metrics below target';
}

interface Step {
  readonly target: Found;
  readonly replicas: number;
  readonly reason: string;
  readonly conditions: readonly NewCondition[];
  readonly currentMetrics?: readonly JsonObject[];
  readonly history: History;
}

async function setReplicas(
  context: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  { target, replicas, reason, conditions, currentMetrics, history }: Step,
): Promise<History> {
  const { client, events, clock } = context;
  const { replicas: current, reported, object } = target;
  const isScaled = replicas !== current;
  if (isScaled) {
    await client.patch(
      target.resource,
      targetOf(object),
      { spec: { replicas } },
      { subresource: 'scale' },
    );
    const message = `New size: ${replicas}; reason: ${reason}`;
    events.record(scaler, { type: 'Normal', reason: 'SuccessfulRescale', message });
  }
  await writeStatus(context, scaler, {
    current: reported,
    desired: replicas,
    conditions: [gotScale(), ...conditions, ...(isScaled ? [rescaled(replicas)] : [])],
    ...(currentMetrics && { currentMetrics }),
    isScaled,
  });
  if (!isScaled) return history;
  const change = { atMs: clock.now(), replicas: replicas - current };
  return { ...history, changes: [...history.changes, change] };
}

interface NewStatus {
  readonly current: number;
  readonly desired: number;
  /** In the order in which they became known: a later one of a type takes the place of an earlier one. */
  readonly conditions: readonly NewCondition[];
  readonly currentMetrics?: readonly JsonObject[];
  readonly isScaled?: boolean;
}

async function writeStatus(
  context: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  next: NewStatus,
): Promise<void> {
  const status = statusOf(scaler, next, timestamp(context.clock));
  if (isSame(status, scaler.status)) return;
  await context.client.update(
    horizontalPodAutoscalers,
    { ...scaler, status },
    { subresource: 'status' },
  );
}

function statusOf(
  { status: before }: HorizontalPodAutoscaler,
  { current, desired, conditions, currentMetrics, isScaled = false }: NewStatus,
  now: string,
) {
  const last = new Map(conditions.map((condition) => [condition.type, condition]));
  let known: readonly Condition[] = before?.conditions ?? [];
  for (const condition of last.values()) known = withCondition(known, condition, now);
  const lastScaleTime = isScaled ? now : before?.lastScaleTime;
  return {
    ...(lastScaleTime !== undefined && { lastScaleTime }),
    currentReplicas: current,
    desiredReplicas: desired,
    currentMetrics: currentMetrics && currentMetrics.length > 0 ? currentMetrics : null,
    conditions: known,
  };
}
