/** Metrics of type Pods, Object and External: what upstream says of them on a cluster without an adapter that serves them. */
import { listAt, objectAt, stringAt, textsAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import type { MetricSpec } from '../../kinds/types/policy.ts';
import type { MetricFailure } from './proposals.ts';

const NO_CUSTOM =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
const NO_EXTERNAL =
  'unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered';

interface Why {
  readonly failure: MetricFailure;
  /** What stands before the failure where all failures are counted. */
  readonly prefix: string;
}

/** Why a metric has no value; undefined for a type that there is not. */
export function whyNoAdapter(
  { type, pods, object, external }: MetricSpec,
  namespace: string,
): Why | undefined {
  if (pods) {
    return why(type, 'pods metric value', `unable to get metric ${pods.metric.name}: ${NO_CUSTOM}`);
  }
  if (object) {
    const { kind, name } = object.describedObject;
    // Upstream fills these words in another order than they read.
    const place = `${kind} on ${namespace} ${name}/${NO_CUSTOM}`;
    return why(type, 'object metric value', `unable to get metric ${object.metric.name}: ${place}`);
  }
  if (!external) return undefined;
  const { name, selector } = external.metric;
  const what = `${namespace}/${name}/${selector ? selectorInGo(selector) : 'nil'}`;
  const message = `unable to get external metric ${what}: ${NO_EXTERNAL}`;
  return why(type, `${name} external metric value`, message);
}

function why(type: string, what: string, message: string): Why {
  return {
    failure: { reason: `FailedGet${type}Metric`, message },
    prefix: `failed to get ${what}`,
  };
}

/** A LabelSelector as Go prints it. */
function selectorInGo(selector: JsonObject): string {
  const matched = objectAt(selector, 'matchLabels');
  const labels = Object.keys(matched)
    .toSorted()
    .map((key) => `${key}: ${stringAt(matched, key)},`);
  const expressions = listAt(selector, 'matchExpressions').map((one) => {
    const values = textsAt(one, 'values').join(' ');
    return `LabelSelectorRequirement{Key:${stringAt(one, 'key')},Operator:${stringAt(one, 'operator')},Values:[${values}],},`;
  });
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
