/** Cells of admission policies and their bindings. */
import { asText, isObject, listAt, objectAt, stringAt } from '../json.ts';
import type { KubeObject } from '../object.ts';

/** Kind of a policy's parameters: `v1/ConfigMap`. */
export function parameterKind(policy: KubeObject): string {
  const kind = objectAt(policy, 'spec')['paramKind'];
  return isObject(kind) ? `${stringAt(kind, 'apiVersion')}/${stringAt(kind, 'kind')}` : '<unset>';
}

/** Parameters of a binding: by name with the namespace, `*` for that of the object in question, or by selector. */
export function parameterReference(binding: KubeObject): string {
  const reference = objectAt(binding, 'spec', 'paramRef');
  const name = stringAt(reference, 'name');
  if (name !== '') return `${stringAt(reference, 'namespace') || '*'}/${name}`;
  return isObject(reference['selector']) ? goText(reference['selector']) : '<unset>';
}

// Upstream shows the selector as Go prints the structure.
function goText(selector: object): string {
  const labels = objectAt(selector, 'matchLabels');
  const pairs = Object.keys(labels)
    .toSorted()
    .map((key) => `${key}: ${asText(labels[key])},`);
  const requirements = listAt(selector, 'matchExpressions').map((one) => {
    const values = listAt(one, 'values').map(asText).join(' ');
    const [key, operator] = [stringAt(one, 'key'), stringAt(one, 'operator')];
    return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values}],},`;
  });
  const expressions = `[]LabelSelectorRequirement{${requirements.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${pairs.join('')}},MatchExpressions:${expressions},}`;
}
