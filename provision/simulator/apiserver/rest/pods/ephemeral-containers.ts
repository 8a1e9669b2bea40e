import type { FieldError } from '../../../kinds/kind.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { isSame, listAt, objectAt, stringAt } from '../../objects/json.ts';

const FIELD = 'spec.ephemeralContainers';

/** Ephemeral containers are only ever added (core validation, `ValidatePodEphemeralContainersUpdate`). */
export function ephemeralContainerErrors(pod: JsonObject, old: JsonObject): readonly FieldError[] {
  const annotations = objectAt(pod, 'metadata', 'annotations');
  if (annotations['kubernetes.io/config.mirror'] !== undefined) {
    return [forbidden('spec', 'static pods do not support ephemeral containers')];
  }
  const wanted = listAt(pod, 'spec', 'ephemeralContainers');
  return listAt(old, 'spec', 'ephemeralContainers').flatMap((before) => {
    const name = stringAt(before, 'name') ?? '';
    const after = wanted.find((one) => stringAt(one, 'name') === name);
    if (after === undefined) {
      return [forbidden(FIELD, `existing ephemeral containers "${name}" may not be removed`)];
    }
    if (isSame(before, after)) return [];
    return [forbidden(FIELD, `existing ephemeral containers "${name}" may not be changed`)];
  });
}

function forbidden(field: string, why: string): FieldError {
  return { type: 'Forbidden', field, message: `Forbidden: ${why}` };
}
