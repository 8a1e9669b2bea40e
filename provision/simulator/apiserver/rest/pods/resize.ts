import { fieldPath } from '../../../kinds/json.ts';
import type { FieldError } from '../../../kinds/kind.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { listAt, objectAt, objectOr, stringAt, withValue } from '../../objects/json.ts';
import { preparePod } from './strategy.ts';

const LISTS = ['containers', 'initContainers'];

/** The pod with the resources of `wanted`, and nothing else of it: what a write of `resize` may change. */
export function resizedPod(wanted: JsonObject, old: JsonObject): JsonObject {
  let pod = old;
  for (const list of LISTS) {
    const given = listAt(wanted, 'spec', list);
    const containers = listAt(old, 'spec', list).map((container): Json => {
      const own = given.find((one) => stringAt(one, 'name') === stringAt(container, 'name'));
      if (!own) return objectOr(container);
      const { resources = {}, resizePolicy } = objectOr(own);
      return {
        ...objectOr(container),
        resources,
        ...(resizePolicy !== undefined && { resizePolicy }),
      };
    });
    if (containers.length > 0) pod = withValue(pod, ['spec', list], containers);
  }
  return pod;
}

/** What a resize must not do (upstream: ValidatePodResize). */
export function resizeErrors(pod: JsonObject, old: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const qosClass = stringAt(preparePod(pod), 'status', 'qosClass') ?? '';
  if (qosClass !== stringAt(preparePod(old), 'status', 'qosClass')) {
    const message = `Invalid value: "${qosClass}": Pod QOS Class may not change as a result of resizing`;
    errors.push({ field: 'spec', type: 'Invalid', message });
  }
  for (const list of LISTS) {
    listAt(pod, 'spec', list).forEach((container, index) => {
      const before = objectAt(listAt(old, 'spec', list)[index], 'resources');
      errors.push(
        ...removed(objectAt(container, 'resources'), before, `spec.${list}[${index}].resources`),
      );
    });
  }
  return errors;
}

function removed(now: JsonObject, before: JsonObject, path: string): readonly FieldError[] {
  return ['limits', 'requests'].flatMap((kind) => {
    const names = Object.keys(objectAt(before, kind));
    const isRemoved = names.some((name) => objectAt(now, kind)[name] === undefined);
    const message = `Forbidden: resource ${kind} cannot be removed`;
    return isRemoved ? [{ field: fieldPath(path, kind), type: 'Forbidden', message }] : [];
  });
}
