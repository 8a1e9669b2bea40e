import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { podDisruptionBudgets, pods } from '../../kinds/resources.ts';
import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { PodDisruptionBudget } from '../../kinds/types/policy.ts';
import { scaledValue } from '../../kinds/values/int-or-string.ts';
import { withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { DISRUPTION_MEMORY_MS } from '../limits.ts';
import { isReady } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import { scaleOfPods, UnknownScale } from './pod-scale.ts';

/** Says how many pods may be evicted just now (Kubernetes documentation, "Specifying a Disruption Budget"). */
export const disruptionBudgetController: Controller = {
  name: 'controllermanager',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        client.watch(podDisruptionBudgets, enqueue(queue)),
        client.watch(pods, ({ object }) => {
          for (const budget of client.list(podDisruptionBudgets, {
            namespace: namespaceOf(object),
          })) {
            if (matchesSelector(budget.spec.selector, object.metadata.labels)) {
              queue.add(keyOf(budget));
            }
          }
        }),
      ],
    });
  },
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { client, clock, events } = context;
  const { namespace, name } = splitKey(key);
  const budget = client.get(podDisruptionBudgets, name, namespace);
  if (!budget) return;
  const covered = client
    .list(pods, { namespace })
    .filter((pod) => matchesSelector(budget.spec.selector, pod.metadata.labels));
  if (covered.length === 0) {
    events.record(budget, {
      type: 'Normal',
      reason: 'NoPods',
      message: 'No matching pods found',
    });
  }
  const going = disruptedPods(budget, covered, clock.now());
  for (const since of Object.values(going)) {
    queue.addAfter(key, Date.parse(since) + DISRUPTION_MEMORY_MS - clock.now());
  }
  const status = statusOf(context, budget, covered, going);
  if (isSame(status, budget.status)) return;
  await client.update(podDisruptionBudgets, { ...budget, status }, { subresource: 'status' });
}

type Going = Readonly<Record<string, string>>;

/** Pods whose eviction the API server has allowed and that have not begun to go, by the time of that. */
function disruptedPods(budget: PodDisruptionBudget, covered: readonly Pod[], nowMs: number): Going {
  const all = Object.entries(budget.status?.disruptedPods ?? {});
  return Object.fromEntries(
    all.filter(([name, since]) => {
      const pod = covered.find(({ metadata }) => metadata.name === name);
      const isWaiting = pod !== undefined && pod.metadata.deletionTimestamp === undefined;
      return isWaiting && Date.parse(since) + DISRUPTION_MEMORY_MS > nowMs;
    }),
  );
}

function statusOf(
  context: ControllerContext,
  budget: PodDisruptionBudget,
  covered: readonly Pod[],
  going: Going,
) {
  const { metadata, status } = budget;
  const now = timestamp(context.clock);
  const observedGeneration = metadata.generation ?? 1;
  const conditions = status?.conditions ?? [];
  const expectation = expectationOf(context, budget, covered);
  if (expectation instanceof UnknownScale) {
    const { message } = expectation;
    const reason = 'SyncFailed';
    context.events.record(budget, {
      type: 'Warning',
      reason: 'CalculateExpectedPodCountFailed',
      message: `Failed to calculate the number of expected pods: ${message}`,
    });
    const failure = { type: 'DisruptionAllowed', status: 'False' as const, reason, message };
    return {
      ...counts(0, 0, 0, 0),
      ...status,
      disruptionsAllowed: 0,
      observedGeneration,
      conditions: withCondition(conditions, { ...failure, observedGeneration }, now),
    };
  }
  const { expected, desired } = expectation;
  const healthy = covered.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      going[pod.metadata.name] === undefined &&
      isReady(pod),
  ).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const verdict = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? ('True' as const) : ('False' as const),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
  };
  return {
    conditions: withCondition(conditions, verdict, now),
    ...counts(healthy, desired, allowed, expected),
    ...(Object.keys(going).length > 0 && { disruptedPods: going }),
    observedGeneration,
  };
}

function counts(
  currentHealthy: number,
  desiredHealthy: number,
  disruptionsAllowed: number,
  expectedPods: number,
) {
  return { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods };
}

interface Expectation {
  /** Pods there should be. */
  readonly expected: number;
  /** Pods that must stay healthy. */
  readonly desired: number;
}

function expectationOf(
  { client }: ControllerContext,
  { spec }: PodDisruptionBudget,
  covered: readonly Pod[],
): Expectation | UnknownScale {
  const { minAvailable, maxUnavailable } = spec;
  if (typeof minAvailable === 'number') return { expected: covered.length, desired: minAvailable };
  if (minAvailable === undefined && maxUnavailable === undefined) {
    return { expected: 0, desired: 0 };
  }
  const expected = scaleOfPods(client, covered);
  if (expected instanceof UnknownScale) return expected;
  if (maxUnavailable !== undefined) {
    const missing = scaledValue(maxUnavailable, expected, 'up') ?? 0;
    return { expected, desired: Math.max(0, expected - missing) };
  }
  return { expected, desired: scaledValue(minAvailable ?? 0, expected, 'up') ?? 0 };
}
