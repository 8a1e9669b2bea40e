/** What is POSTed to pods: bindings and evictions. */
import { timestamp } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import { matchesSelector } from '../../kinds/labels.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { badRequest, conflict, internalError, tooManyRequests } from '../errors.ts';
import { asJson, listAt, numberAt, objectAt, stringAt, withValue } from '../objects/json.ts';
import type { Call, Core, ObjectName } from './context.ts';
import { deleteObject } from './delete.ts';
import { atRevision } from './prepare.ts';
import { updateObject } from './update.ts';

/** A request about one pod, with the object that was sent. */
export interface PodPartRequest {
  /** The kind of pods. */
  readonly kind: Kind;
  readonly target: ObjectName;
  readonly body: JsonObject;
  readonly call: Call;
}

/**
 * Puts a pod on a node (core/v1 Binding).
 * @throws ApiError 409 when the pod is on a node already or is being deleted
 */
export function bindPod(
  core: Core,
  { kind, target, body, call }: PodPartRequest,
): Promise<KubeObject> {
  const nodeName = stringAt(body, 'target', 'name') ?? '';
  if (nodeName === '') throw badRequest('target.name: Required value');
  const change = (pod: KubeObject) => {
    const current = stringAt(pod, 'spec', 'nodeName') ?? '';
    if (pod.metadata.deletionTimestamp !== undefined) {
      throw conflict(
        kind,
        target.name,
        `pod ${target.name} is being deleted, cannot be assigned to a host`,
      );
    }
    if (current !== '') {
      throw conflict(
        kind,
        target.name,
        `pod ${target.name} is already assigned to node "${current}"`,
      );
    }
    const bound = withValue(asJson(pod), ['spec', 'nodeName'], nodeName);
    const conditions = listAt(pod, 'status', 'conditions').filter(
      (condition) => stringAt(condition, 'type') !== 'PodScheduled',
    );
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: timestamp(core.clock),
    };
    return withValue(bound, ['status', 'conditions'], [...conditions, scheduled]);
  };
  return updateObject(core, { kind, target, subresource: 'binding', change, call });
}

/**
 * Evicts a pod if its disruption budgets allow (Kubernetes documentation, "API-initiated Eviction").
 * @throws ApiError 429 when a budget forbids, 500 when several budgets concern the pod
 */
export async function evictPod(
  core: Core,
  request: PodPartRequest,
  pod: KubeObject,
): Promise<void> {
  const { kind, target, body, call } = request;
  const graceSeconds = numberAt(body, 'deleteOptions', 'gracePeriodSeconds');
  checkBudget(core, pod);
  await deleteObject(core, {
    kind,
    target,
    call,
    ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
  });
}

function checkBudget(core: Core, pod: KubeObject): void {
  const phase = stringAt(pod, 'status', 'phase');
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (isOver || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined) return;
  const budgets = core.store
    .list('policy/poddisruptionbudgets', pod.metadata.namespace)
    .items.filter((budget) =>
      matchesSelector(objectAt(budget, 'spec', 'selector'), pod.metadata.labels),
    );
  const budget = budgets[0];
  if (!budget) return;
  if (budgets.length > 1) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  if ((numberAt(budget, 'status', 'disruptionsAllowed') ?? 0) > 0) {
    takeDisruption(core, budget);
    return;
  }
  const { name } = budget.metadata;
  const desired = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
  const current = numberAt(budget, 'status', 'currentHealthy') ?? 0;
  const message = `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`;
  throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", [
    { reason: 'DisruptionBudget', message },
  ]);
}

// The budget's controller counts anew when the pod goes; until then two evictions must not share one allowance.
function takeDisruption(core: Core, budget: KubeObject): void {
  const allowed = (numberAt(budget, 'status', 'disruptionsAllowed') ?? 1) - 1;
  const changed = withValue(asJson(budget), ['status', 'disruptionsAllowed'], allowed);
  core.store.put('policy/poddisruptionbudgets', atRevision(changed));
}
