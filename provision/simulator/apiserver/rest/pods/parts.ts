/** What is POSTed to pods: bindings; evictions have a file of their own. */
import { timestamp } from '../../../clock.ts';
import type { Kind } from '../../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { badRequest, conflict } from '../../errors.ts';
import { asJson, listAt, stringAt, withValue } from '../../objects/json.ts';
import type { Call, Core, ObjectName } from '../context.ts';
import { updateObject } from '../update.ts';

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
