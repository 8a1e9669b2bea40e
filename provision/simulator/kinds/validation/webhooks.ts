/** What upstream demands of webhook configurations (Kubernetes, pkg/apis/admissionregistration/validation). */
import { matchConditionErrors } from '../admission-policies/index.ts';
import { isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { duplicate, invalid, notSupported, required } from './fields/field-errors.ts';

/** Names of webhooks are domain names of at least three parts, each once. */
export function validateWebhooks(configuration: JsonObject): readonly FieldError[] {
  const names = new Set<string>();
  return listAt(configuration, 'webhooks').flatMap((webhook, i) => {
    const name = stringAt(webhook, 'name');
    const field = `webhooks[${i}]`;
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`));
    else if (name.split('.').length < 3) {
      errors.push(
        invalid(
          `${field}.name`,
          name,
          'should be a domain with at least three segments separated by dots',
        ),
      );
    }
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    if (listAt(webhook, 'admissionReviewVersions').length === 0) {
      errors.push(required(`${field}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
    }
    const effects = stringAt(webhook, 'sideEffects');
    if (effects !== 'None' && effects !== 'NoneOnDryRun') {
      errors.push(
        effects === ''
          ? required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')
          : notSupported(`${field}.sideEffects`, effects, ['None', 'NoneOnDryRun']),
      );
    }
    const client = objectAt(webhook, 'clientConfig');
    if (isUnset(client['url']) === isUnset(client['service'])) {
      errors.push(required(`${field}.clientConfig`, 'exactly one of url or service is required'));
    }
    const conditions = listAt(webhook, 'matchConditions');
    return [...errors, ...matchConditionErrors(conditions, `${field}.matchConditions`, false)];
  });
}
