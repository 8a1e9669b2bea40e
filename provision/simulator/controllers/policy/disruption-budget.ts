import type { ClusterClient } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import { scaledValue } from '../../kinds/int-or-string.ts';
import { isSame } from '../../kinds/json.ts';
import { matchesSelector } from '../../kinds/labels.ts';
import {
  deployments,
  podDisruptionBudgets,
  pods,
  replicaSets,
  statefulSets,
} from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { PodDisruptionBudget } from '../../kinds/types/policy.ts';
import { withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { controllerOf } from '../owners.ts';
import { isActive, isReady } from '../pods.ts';

/** Says how many pods may be evicted just now (Kubernetes documentation, "Specifying a Disruption Budget"). */
export const disruptionBudgetController: Controller = {
  name: 'controllermanager',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key) => sync(context, key),
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

async function sync(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const budget = client.get(podDisruptionBudgets, name, namespace);
  if (!budget) return;
  const status = statusOf(context, budget);
  if (isSame(status, budget.status)) return;
  await client.update(podDisruptionBudgets, { ...budget, status }, { subresource: 'status' });
}

function statusOf({ client, clock }: ControllerContext, budget: PodDisruptionBudget) {
  const { spec, metadata, status } = budget;
  const covered = client
    .list(pods, { namespace: namespaceOf(budget) })
    .filter((pod) => matchesSelector(spec.selector, pod.metadata.labels) && isActive(pod));
  const { expected, desired } = expectation(client, budget, covered);
  const healthy = covered.filter(isReady).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? ('True' as const) : ('False' as const),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: metadata.generation ?? 1,
  };
  return {
    conditions: withCondition(status?.conditions ?? [], condition, timestamp(clock)),
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: metadata.generation ?? 1,
  };
}

interface Expectation {
  /** Pods there should be. */
  readonly expected: number;
  /** Pods that must stay healthy. */
  readonly desired: number;
}

function expectation(
  client: ClusterClient,
  { spec }: PodDisruptionBudget,
  covered: readonly Pod[],
): Expectation {
  const { minAvailable = 1, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) {
    const expected = scaleOfControllers(client, covered);
    const missing = scaledValue(maxUnavailable, expected, 'up') ?? 0;
    return { expected, desired: Math.max(0, expected - missing) };
  }
  if (typeof minAvailable === 'number') return { expected: covered.length, desired: minAvailable };
  const expected = scaleOfControllers(client, covered);
  return { expected, desired: scaledValue(minAvailable, expected, 'up') ?? 0 };
}

/** Replicas that the controllers of the pods want, each controller counted once. */
function scaleOfControllers(client: ClusterClient, covered: readonly Pod[]): number {
  const scales = new Map<string, number>();
  for (const pod of covered) {
    const controller = controllerOf(pod);
    if (controller && !scales.has(controller.uid)) {
      scales.set(controller.uid, scaleOf(client, controller, namespaceOf(pod)));
    }
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}

function scaleOf(
  client: ClusterClient,
  { kind, name }: { readonly kind: string; readonly name: string },
  namespace: string,
): number {
  if (kind === 'StatefulSet') {
    return client.get(statefulSets, name, namespace)?.spec.replicas ?? 0;
  }
  const set = client.get(replicaSets, name, namespace);
  const owner = set && controllerOf(set);
  const deployment = owner && client.get(deployments, owner.name, namespace);
  // While a rollout is under way only the newest set counts for its Deployment.
  if (deployment && set.spec.replicas === 0) return 0;
  return set?.spec.replicas ?? 0;
}
