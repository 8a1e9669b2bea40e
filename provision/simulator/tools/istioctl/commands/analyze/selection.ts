import { isObject, listAt } from '../../../../kinds/json.ts';
import type { Json, Labels } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
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

/** The first label of a selector, in the order of {@link selectorOf}. */
export function firstLabel(labels: Labels): string {
  return Object.keys(labels).toSorted()[0] ?? '';
}

/** Whether a LabelSelector of the API picks out labels; none picks out everything. */
export function isPickedBy(selector: Json | undefined, labels: Labels): boolean {
  if (!isObject(selector)) return true;
  return (
    matchesLabels(textsAt(selector, 'matchLabels'), labels) &&
    listAt(selector, 'matchExpressions').every((requirement) => isMet(requirement, labels))
  );
}

function isMet(requirement: Json, labels: Labels): boolean {
  const value = labels[textAt(requirement, 'key')];
  const isListed = value !== undefined && listAt(requirement, 'values').includes(value);
  switch (textAt(requirement, 'operator')) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** A list as Go prints it: `[a b]`. */
export function goList(items: readonly (string | number)[]): string {
  return `[${items.join(' ')}]`;
}
