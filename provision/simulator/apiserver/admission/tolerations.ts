import type { Json, JsonObject } from '../../kinds/object.ts';
import { listAt, stringAt, withValue } from '../objects/json.ts';
import { isFor, isNew, type AdmissionPlugin } from './admission.ts';

/** How long pods stay on a node that is gone, as upstream's DefaultTolerationSeconds. */
const TOLERATION_SECONDS = 300;
const NOT_READY = 'node.kubernetes.io/not-ready';

/** Lets pods stay for a while on nodes that are lost (Kubernetes documentation, "Taint based Evictions"). */
export const tolerationSeconds: AdmissionPlugin = {
  mutate: (request, object) => (isFor(request, '/pods') ? tolerate(object) : object),
};

/** Keeps pods away from new nodes until these say that they are ready (upstream's plugin TaintNodesByCondition). */
export const nodeTaints: AdmissionPlugin = {
  mutate(request, object) {
    if (!isNew(request, '/nodes')) return object;
    const taints = listAt(object, 'spec', 'taints');
    const isTainted = taints.some(
      (taint) => stringAt(taint, 'key') === NOT_READY && stringAt(taint, 'effect') === 'NoSchedule',
    );
    if (isTainted) return object;
    return withValue(
      object,
      ['spec', 'taints'],
      [...taints, { key: NOT_READY, effect: 'NoSchedule' }],
    );
  },
};

function tolerate(pod: JsonObject): JsonObject {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const missing = [NOT_READY, 'node.kubernetes.io/unreachable'].filter(
    (key) => !tolerations.some((toleration) => isTolerated(toleration, key)),
  );
  if (missing.length === 0) return pod;
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  }));
  return withValue(pod, ['spec', 'tolerations'], [...tolerations, ...added]);
}

function isTolerated(toleration: Json, key: string): boolean {
  const own = stringAt(toleration, 'key') ?? '';
  const effect = stringAt(toleration, 'effect') ?? '';
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}
