import { at, isObject, listAt } from '../../../../kinds/json.ts';
import type { Json, Labels } from '../../../../kinds/object.ts';
import { asLabelSelector } from '../../../../kinds/selectors/label-selector.ts';
import { matchesLabels, matchesRequirement } from '../../../../kinds/selectors/labels.ts';
import { textsAt } from '../../../install/tree.ts';
import type { Message } from './message.ts';
import type { Analyzed } from './world.ts';

/** The objects whose labels a selector picks out, in one namespace or in all; an empty selector picks out all. */
export function selected(
  objects: readonly Analyzed[],
  selector: Labels,
  namespace?: string,
): readonly Analyzed[] {
  return objects.filter(
    (object) =>
      (namespace === undefined || object.namespace === namespace) &&
      matchesLabels(selector, object.labels),
  );
}

/** `app=reviews,version=v1`, sorted by name. */
export function selectorOf(labels: Labels): string {
  return Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The field of the first label of a selector that stands under `path`, in the order of {@link selectorOf}. */
export function selectorField(labels: Labels, path: string): string {
  return `${path}.${Object.keys(labels).toSorted()[0] ?? ''}`;
}

/** IST0101: a selector, which stands under `path`, picks out nothing. */
export function withoutPods(about: Analyzed, labels: Labels, path: string): Message {
  return {
    code: 'IST0101',
    about,
    text: `Referenced selector not found: ${JSON.stringify(selectorOf(labels))}`,
    field: selectorField(labels, path),
  };
}

/** Whether a LabelSelector of the API picks out labels; none picks out everything. */
export function isPickedBy(selector: Json | undefined, labels: Labels): boolean {
  if (!isObject(selector)) return true;
  const { matchExpressions = [] } = asLabelSelector(selector) ?? {};
  // An operator that does not exist stands in files alone, and picks out nothing.
  const isKnown = matchExpressions.length === listAt(selector, 'matchExpressions').length;
  return (
    isKnown &&
    matchesLabels(textsAt(selector, 'matchLabels'), labels) &&
    matchExpressions.every((requirement) => matchesRequirement(requirement, labels))
  );
}

/** Whether a webhook is asked about pods with these labels in namespaces with those. */
export function isInjecting(webhook: Json, namespace: Labels, pod: Labels): boolean {
  return (
    isPickedBy(at(webhook, 'namespaceSelector'), namespace) &&
    isPickedBy(at(webhook, 'objectSelector'), pod)
  );
}

/** A list as Go prints it: `[a b]`. */
export function goList(items: readonly (string | number)[]): string {
  return `[${items.join(' ')}]`;
}
