import type { Labels } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textsAt } from '../../../install/tree.ts';
import type { Analyzed } from './world.ts';

/** The pods whose labels a selector picks out, in one namespace or in all. */
export function selectedPods(
  pods: readonly Analyzed[],
  selector: Labels,
  namespace?: string,
): readonly Analyzed[] {
  return pods.filter(
    (pod) =>
      (namespace === undefined || pod.namespace === namespace) &&
      matchesLabels(selector, textsAt(pod.object, 'metadata', 'labels')),
  );
}
