import { textsAt } from '../../../install/tree.ts';
import type { Analyzed } from './world.ts';

/** Whether labels have every name and value of a selector. */
export function isSelected(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** The pods whose labels a selector picks out, in one namespace or in all. */
export function selectedPods(
  pods: readonly Analyzed[],
  selector: Readonly<Record<string, string>>,
  namespace?: string,
): readonly Analyzed[] {
  return pods.filter(
    (pod) =>
      (namespace === undefined || pod.namespace === namespace) &&
      isSelected(textsAt(pod.object, 'metadata', 'labels'), selector),
  );
}
