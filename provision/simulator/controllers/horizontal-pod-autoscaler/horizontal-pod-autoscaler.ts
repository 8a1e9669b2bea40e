import type { ClusterClient, Resource } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { matchesSelector } from '../../kinds/labels.ts';
import {
  deployments,
  horizontalPodAutoscalers,
  pods,
  replicaSets,
  statefulSets,
} from '../../kinds/resources.ts';
import type { Deployment, ReplicaSet, StatefulSet } from '../../kinds/types/apps.ts';
import type { Condition } from '../../kinds/types/core.ts';
import type { HorizontalPodAutoscaler } from '../../kinds/types/policy.ts';
import { findCondition, type NewCondition, withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey, targetOf } from '../controller.ts';
import type { WorkQueue } from '../work-queue.ts';
import { type PodMetrics, recommend, type Recommendation } from './recommendation.ts';
import { active, gotScale, limit, noScale, rescaled, settled } from './verdict-conditions.ts';

/** Time between two looks at metrics, in milliseconds (kube-controller-manager, --horizontal-pod-autoscaler-sync-period). */
const PERIOD_MS = 15_000;
/** For so long the highest recommendation counts before fewer replicas are wanted, in milliseconds. */
const STABILIZATION_MS = 300_000;

const podMetrics: Resource<PodMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
  isNamespaced: true,
};

/**
 * Scales by resource metrics (Kubernetes documentation, "Horizontal Pod Autoscaling"). As long as nobody serves metrics
 * it looks only when something changes, says what upstream says then, and costs nothing.
 */
export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler',
  start: (context) => {
    const { client } = context;
    const history = new Map<string, readonly Remembered[]>();
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, { queue, history }),
      watch: (queue) => [
        client.watch(horizontalPodAutoscalers, enqueue(queue)),
        ...TARGETS.map((resource) =>
          client.watch<Target>(resource, ({ object }) => {
            for (const scaler of client.list(horizontalPodAutoscalers, {
              namespace: namespaceOf(object),
            })) {
              const { kind, name } = scaler.spec.scaleTargetRef;
              if (kind === object.kind && name === object.metadata.name) queue.add(keyOf(scaler));
            }
          }),
        ),
      ],
    });
  },
};

type Target = Deployment | ReplicaSet | StatefulSet;
const TARGETS: readonly Resource<Target>[] = [deployments, replicaSets, statefulSets];

/** A recommendation of the past. */
interface Remembered {
  readonly atMs: number;
  readonly replicas: number;
}

interface Memory {
  readonly queue: WorkQueue;
  readonly history: Map<string, readonly Remembered[]>;
}

async function sync(
  context: ControllerContext,
  key: string,
  { queue, history }: Memory,
): Promise<void> {
  const { client, clock } = context;
  const { namespace, name } = splitKey(key);
  const scaler = client.get(horizontalPodAutoscalers, name, namespace);
  if (!scaler) {
    history.delete(key);
    return;
  }
  const metrics = client.list(podMetrics, { namespace });
  if (metrics.length > 0) queue.addAfter(key, PERIOD_MS);
  const target = targetFor(client, scaler);
  if (!target) {
    await writeStatus(context, scaler, { current: 0, desired: 0, conditions: [noScale(scaler)] });
    return;
  }
  const verdict = judge(client, scaler, { target, metrics });
  const nowMs = clock.now();
  const remembered = [
    ...(history.get(key) ?? []).filter(({ atMs }) => nowMs - atMs < STABILIZATION_MS),
    ...(verdict.type === 'desired' ? [{ atMs: nowMs, replicas: verdict.replicas }] : []),
  ];
  history.set(key, remembered);
  await act(context, scaler, { target, verdict, remembered });
}

function targetFor(client: ClusterClient, scaler: HorizontalPodAutoscaler): Target | undefined {
  const { kind, name } = scaler.spec.scaleTargetRef;
  const resource = TARGETS.find((one) => one.kind === kind);
  return resource && client.get(resource, name, namespaceOf(scaler));
}

/** What the number of replicas should be, and why. */
type Verdict =
  | { readonly type: 'disabled' }
  | { readonly type: 'unknown'; readonly why: Extract<Recommendation, { type: 'unknown' }> }
  | {
      readonly type: 'desired';
      readonly replicas: number;
      readonly reason: string;
      readonly found?: Extract<Recommendation, { type: 'replicas' }>;
    };

function judge(
  client: ClusterClient,
  scaler: HorizontalPodAutoscaler,
  { target, metrics }: { readonly target: Target; readonly metrics: readonly PodMetrics[] },
): Verdict {
  const { minReplicas = 1, maxReplicas } = scaler.spec;
  const { replicas, selector } = target.spec;
  if (replicas === 0) return { type: 'disabled' };
  if (replicas > maxReplicas) {
    const reason = 'Current number of replicas above Spec.MaxReplicas';
    return { type: 'desired', replicas: maxReplicas, reason };
  }
  if (replicas < minReplicas) {
    const reason = 'Current number of replicas below Spec.MinReplicas';
    return { type: 'desired', replicas: minReplicas, reason };
  }
  const own = client
    .list(pods, { namespace: namespaceOf(scaler) })
    .filter((pod) => matchesSelector(selector, pod.metadata.labels));
  const found = recommend(scaler.spec.metrics ?? [], { replicas, pods: own, metrics });
  if (found.type === 'unknown') return { type: 'unknown', why: found };
  const direction = found.replicas > replicas ? 'above' : 'below';
  const reason =
    direction === 'above' ? `${found.metric} above target` : 'All metrics below target';
  return { type: 'desired', replicas: found.replicas, reason, found };
}

interface Judgement {
  readonly target: Target;
  readonly verdict: Verdict;
  readonly remembered: readonly Remembered[];
}

async function act(
  context: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  { target, verdict, remembered }: Judgement,
): Promise<void> {
  const current = target.spec.replicas;
  if (verdict.type !== 'desired') {
    const isDisabled = verdict.type === 'disabled';
    const inactive: NewCondition = {
      type: 'ScalingActive',
      status: 'False',
      reason: isDisabled ? 'ScalingDisabled' : verdict.why.reason,
      message: isDisabled
        ? 'scaling is disabled since the replica count of the target is zero'
        : verdict.why.message,
    };
    const conditions = [gotScale(), inactive];
    await writeStatus(context, scaler, { current, desired: isDisabled ? 0 : current, conditions });
    return;
  }
  const stable = Math.max(verdict.replicas, ...remembered.map(({ replicas }) => replicas));
  // Only metrics are stabilized: limits hold at once.
  const wanted =
    verdict.found && verdict.replicas < current ? Math.min(current, stable) : verdict.replicas;
  const limited = limit(scaler, wanted);
  if (limited.replicas !== current) {
    await rescale(context, scaler, { target, replicas: limited.replicas, reason: verdict.reason });
  }
  await writeStatus(context, scaler, {
    current,
    desired: limited.replicas,
    conditions: [
      limited.replicas === current ? settled() : rescaled(limited.replicas),
      ...(verdict.found ? [active(verdict.found.metric)] : []),
      limited.condition,
    ],
    ...(verdict.found && { currentMetrics: verdict.found.currentMetrics }),
    isScaled: limited.replicas !== current,
  });
}

interface Rescale {
  readonly target: Target;
  readonly replicas: number;
  readonly reason: string;
}

async function rescale(
  { client, events }: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  { target, replicas, reason }: Rescale,
): Promise<void> {
  const resource = TARGETS.find((one) => one.kind === target.kind);
  if (!resource) return;
  await client.patch(resource, targetOf(target), { spec: { replicas } }, { subresource: 'scale' });
  const message = `New size: ${replicas}; reason: ${reason}`;
  events.record(scaler, { type: 'Normal', reason: 'SuccessfulRescale', message });
}

interface NewStatus {
  readonly current: number;
  readonly desired: number;
  readonly conditions: readonly NewCondition[];
  readonly currentMetrics?: NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics'];
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
  tellFailures(context, scaler, next.conditions);
}

function statusOf(
  { status: before }: HorizontalPodAutoscaler,
  { current, desired, conditions, currentMetrics, isScaled = false }: NewStatus,
  now: string,
) {
  let known: readonly Condition[] = before?.conditions ?? [];
  for (const condition of conditions) known = withCondition(known, condition, now);
  const lastScaleTime = isScaled ? now : before?.lastScaleTime;
  const observedGeneration = before?.observedGeneration;
  return {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(lastScaleTime !== undefined && { lastScaleTime }),
    currentReplicas: current,
    desiredReplicas: desired,
    ...(currentMetrics && { currentMetrics }),
    conditions: known,
  };
}

/** Failures that were not told before become events. */
function tellFailures(
  { events }: ControllerContext,
  scaler: HorizontalPodAutoscaler,
  conditions: readonly NewCondition[],
): void {
  for (const { type, status, reason = '', message = '' } of conditions) {
    const isNews = findCondition(scaler.status?.conditions, type)?.message !== message;
    if (status === 'False' && type !== 'ScalingLimited' && isNews) {
      events.record(scaler, { type: 'Warning', reason, message: eventText(message) });
    }
  }
}

/** Events tell the cause alone. */
function eventText(message: string): string {
  return message.replace(/^the HPA (controller )?was unable to [^:]*: /, '');
}
