/** API-initiated eviction (Kubernetes documentation, "API-initiated Eviction" and "Specifying a Disruption Budget"). */
import { ApiError } from '../../../client/api-error.ts';
import { timestamp } from '../../../clock.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { matchesSelector } from '../../../kinds/selectors/labels.ts';
import { badRequest, forbidden, notFound, tooManyRequests } from '../../errors.ts';
import { DISRUPTED_PODS_LIMIT } from '../../limits.ts';
import {
  asJson,
  at,
  isSame,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  withValue,
} from '../../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../context.ts';
import { deleteObject, type DeleteRequest } from '../delete.ts';
import { atRevision } from '../prepare.ts';
import { updateObject } from '../update.ts';
import type { PodPartRequest } from './parts.ts';

const BUDGETS = 'policy/poddisruptionbudgets';
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * Evicts a pod if its disruption budgets allow; a dry run, asked for by the request or in its body, changes nothing.
 * @throws ApiError 429 when a budget forbids, 500 when several budgets concern the pod
 */
export async function evictPod(core: Core, request: PodPartRequest): Promise<void> {
  const { kind, target, body } = request;
  if (stringAt(body, 'metadata', 'name') !== target.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const pod = core.store.get('/pods', target.namespace, target.name);
  if (!pod) throw notFound(kind, target.name);
  const deletion = deletionOf(request);
  const asked = deletion.preconditions?.resourceVersion;
  const use = isUnprotected(pod) ? undefined : useBudget(core, pod);
  if (deletion.call.isDryRun || (asked !== undefined && asked !== pod.metadata.resourceVersion)) {
    await deleteObject(core, deletion);
    return;
  }
  if (use?.type === 'counted') core.store.put(BUDGETS, atRevision(use.budget));
  const { resourceVersion } = (await markDisrupted(core, request)).metadata;
  // A pod that does not count must not become ready between the decision and the deletion.
  const isBound = asked !== undefined || use?.type === 'not-counted';
  const preconditions = { ...deletion.preconditions, ...(isBound && { resourceVersion }) };
  await deleteObject(core, { ...deletion, preconditions });
}

/** Says in the pod's status why it goes (Kubernetes documentation, "Pod disruption conditions"). */
function markDisrupted(core: Core, { kind, target }: PodPartRequest): Promise<KubeObject> {
  const lastTransitionTime = timestamp(core.clock);
  return updateObject(core, {
    kind,
    target,
    subresource: 'status',
    change: (pod) => {
      const others = listAt(pod, 'status', 'conditions').filter(
        (one) => stringAt(one, 'type') !== 'DisruptionTarget',
      );
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
        lastProbeTime: null,
        lastTransitionTime,
      };
      return withValue(asJson(pod), ['status', 'conditions'], [...others, condition]);
    },
    call: internalCall(API_SERVER_USER),
  });
}

function deletionOf({ kind, target, body, call }: PodPartRequest): DeleteRequest {
  const options = objectAt(body, 'deleteOptions');
  const isDryRun = call.isDryRun || listAt(options, 'dryRun').includes('All');
  const gracePeriodSeconds = numberAt(options, 'gracePeriodSeconds');
  const propagationPolicy = stringAt(options, 'propagationPolicy');
  const uid = stringAt(options, 'preconditions', 'uid');
  const resourceVersion = stringAt(options, 'preconditions', 'resourceVersion');
  return {
    kind,
    target,
    call: { ...call, isDryRun },
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    preconditions: {
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/** Whether the pod does no work that a budget could protect. */
function isUnprotected(pod: KubeObject): boolean {
  const phase = stringAt(pod, 'status', 'phase') ?? '';
  return (
    ['Succeeded', 'Failed', 'Pending'].includes(phase) ||
    pod.metadata.deletionTimestamp !== undefined
  );
}

/** What the eviction means for the pod's budget: nothing, because the pod is not healthy, or one disruption less. */
type BudgetUse =
  | { readonly type: 'not-counted' }
  | { readonly type: 'counted'; readonly budget: JsonObject };

function useBudget(core: Core, pod: KubeObject): BudgetUse | undefined {
  const budgets = core.store.list(BUDGETS, pod.metadata.namespace).items.filter((one) => {
    const selector = objectAt(one, 'spec', 'selector');
    return at(one, 'spec', 'selector') !== undefined && matches(selector, pod);
  });
  const [budget] = budgets;
  if (!budget) return undefined;
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  if (!isReady(pod) && isUnhealthyEvictable(budget)) return { type: 'not-counted' };
  return { type: 'counted', budget: withDisruption(core, budget, pod.metadata.name) };
}

function matches(selector: JsonObject, pod: KubeObject): boolean {
  return matchesSelector(selector, pod.metadata.labels);
}

function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === 'Ready' && stringAt(one, 'status') === 'True',
  );
}

/** Kubernetes documentation, "Unhealthy Pod Eviction Policy". */
function isUnhealthyEvictable(budget: KubeObject): boolean {
  if (stringAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const desired = statusNumber(budget, 'desiredHealthy');
  return desired > 0 && statusNumber(budget, 'currentHealthy') >= desired;
}

/** The budget with one disruption taken; its controller counts anew when the pod goes. */
function withDisruption(core: Core, budget: KubeObject, podName: string): JsonObject {
  const { name, generation = 1 } = budget.metadata;
  if (statusNumber(budget, 'observedGeneration') < generation) {
    const message = `The disruption budget ${name} is still being processed by the server.`;
    throw violation(message, 10);
  }
  const allowed = statusNumber(budget, 'disruptionsAllowed');
  const resource = { group: 'policy', plural: 'poddisruptionbudget' };
  if (allowed < 0) throw forbidden(resource, name, 'pdb disruptions allowed is negative');
  const disrupted = objectAt(budget, 'status', 'disruptedPods');
  if (Object.keys(disrupted).length > DISRUPTED_PODS_LIMIT) {
    throw forbidden(
      resource,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (allowed === 0) {
    const desired = statusNumber(budget, 'desiredHealthy');
    const current = statusNumber(budget, 'currentHealthy');
    throw violation(
      `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`,
    );
  }
  const now = timestamp(core.clock);
  return withValue(asJson(budget), ['status'], {
    ...objectAt(budget, 'status'),
    disruptionsAllowed: allowed - 1,
    disruptedPods: { ...disrupted, [podName]: now },
    ...(allowed === 1 && { conditions: exhausted(budget, now) }),
  });
}

function exhausted(budget: KubeObject, lastTransitionTime: string): readonly JsonObject[] {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation ?? 1,
    lastTransitionTime,
  };
  const others = listAt(budget, 'status', 'conditions')
    .map((one) => objectAt(one))
    .filter((one) => !isSame(one['type'], condition.type));
  return [...others, condition];
}

function violation(message: string, retryAfterSeconds?: number): ApiError {
  const { code, reason, details } = tooManyRequests(VIOLATION, [
    { reason: 'DisruptionBudget', message },
  ]);
  const retry = retryAfterSeconds !== undefined && { retryAfterSeconds };
  return new ApiError(code, reason, VIOLATION, { ...details, ...retry });
}

function statusNumber(budget: KubeObject, key: string): number {
  return numberAt(budget, 'status', key) ?? 0;
}
