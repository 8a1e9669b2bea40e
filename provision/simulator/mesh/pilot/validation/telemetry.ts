/** https://istio.io/latest/docs/reference/config/telemetry/ */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkTargets } from './selectors.ts';
import type { Subject } from './subject.ts';

/** A Telemetry: its providers, changes of metrics, tracing, and filters of access logs. */
export function checkTelemetry(found: Findings, { spec, expressionProblem }: Subject): void {
  checkTargets(found, spec);
  for (const metrics of objectsAt(spec, 'metrics')) {
    found.error(providersProblem(metrics['providers']));
    for (const override of objectsAt(metrics, 'overrides')) checkOverride(found, override);
  }
  const tracing = objectsAt(spec, 'tracing');
  found.warningIf(tracing.length > 1, 'multiple tracing is not currently supported');
  for (const one of tracing) checkTracing(found, one);
  for (const logging of objectsAt(spec, 'accessLogging')) {
    if (isSet(logging['filter'])) {
      found.error(expressionProblem?.(stringAt(logging, 'filter', 'expression')));
    }
    found.error(providersProblem(logging['providers']));
  }
}

function providersProblem(providers: Json | undefined): string | undefined {
  return objectsAt(providers).some((provider) => stringAt(provider, 'name') === '')
    ? 'providers.name may not be empty'
    : undefined;
}

function checkOverride(found: Findings, { tagOverrides, match }: JsonObject): void {
  for (const [name, override] of Object.entries(objectAt(tagOverrides))) {
    const hasValue = stringAt(override, 'value') !== '';
    const isRemoved = objectAt(override)['operation'] === 'REMOVE';
    found.warningIf(name === '', 'tagOverrides.name may not be empty');
    found.errorIf(
      !isRemoved && !hasValue,
      'tagOverrides.value must be set when operation is UPSERT',
    );
    found.errorIf(
      isRemoved && hasValue,
      'tagOverrides.value may only be set when operation is UPSERT',
    );
  }
  found.errorIf(objectAt(match)['customMetric'] === '', 'customMetric may not be empty');
}

/** What a tag is made of, the field of it that has to be there, and istiod's word for it. */
const TAGS: readonly (readonly [type: string, field: string, words: string])[] = [
  ['literal', 'value', 'literal tag value'],
  ['header', 'name', 'header tag name'],
  ['environment', 'name', 'environment tag name'],
];

function checkTracing(found: Findings, tracing: JsonObject): void {
  const { providers, randomSamplingPercentage, customTags } = tracing;
  found.warningIf(objectsAt(providers).length > 1, 'multiple providers is not currently supported');
  found.error(providersProblem(providers));
  const share = numberIn(randomSamplingPercentage);
  found.errorIf(share < 0 || share > 100, 'randomSamplingPercentage must be in range [0.0, 100.0]');
  for (const [name, tag] of Object.entries(objectAt(customTags))) {
    found.errorIf(name === '', 'tag name may not be empty');
    for (const [type, field, words] of TAGS) {
      const source = objectAt(tag)[type];
      found.errorIf(isSet(source) && stringAt(source, field) === '', `${words} may not be empty`);
    }
  }
}
