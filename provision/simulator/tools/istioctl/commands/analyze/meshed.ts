import { objectAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { proxyContainer } from '../../kube/proxies.ts';
import type { Analyzed, World } from './world.ts';

const INJECT = 'sidecar.istio.io/inject';

/** Whether a pod has a sidecar, or would be given one. */
export function isInMesh(
  world: World,
  { object, labels, annotations, namespace }: Analyzed,
): boolean {
  return isMeshed(world, { spec: objectAt(object, 'spec'), labels, annotations, namespace });
}

/** Whether the pods of a Deployment have a sidecar, or would be given one. */
export function isDeploymentInMesh(world: World, { object, namespace }: Analyzed): boolean {
  const template = objectAt(object, 'spec', 'template');
  return isMeshed(world, {
    spec: objectAt(template, 'spec'),
    labels: textsAt(template, 'metadata', 'labels'),
    annotations: textsAt(template, 'metadata', 'annotations'),
    namespace,
  });
}

interface PodLike {
  readonly spec: JsonObject;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly namespace: string;
}

function isMeshed(world: World, { spec, labels, annotations, namespace }: PodLike): boolean {
  if (hasProxy(spec)) return true;
  const asked = labels[INJECT] ?? annotations[INJECT];
  if (asked !== undefined) return asked === 'true';
  return world.find('Namespace', '', namespace)?.labels['istio-injection'] === 'enabled';
}

/** Whether a pod's spec has the container `istio-proxy` with an image. */
function hasProxy(spec: JsonObject): boolean {
  return proxyImage(spec) !== '';
}

/** The image of the proxy in a pod's spec; empty when there is none. */
export function proxyImage(spec: JsonObject): string {
  return textAt(proxyContainer(spec), 'image');
}

/** Whether an object belongs to Istio itself, whose objects are not the learner's to mend. */
export function isControlPlane({ labels }: Analyzed): boolean {
  return labels['istio'] !== undefined || labels['release'] === 'istio';
}
