import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { at, numberAt, objectAt, stringAt, withValue } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import { isFor, isNew, type AdmissionPlugin, type AdmissionRequest } from './admission.ts';

const CLASSES = 'scheduling.k8s.io/priorityclasses';
/** Classes that a cluster cannot do without. */
const SYSTEM_CLASSES = new Set(['system-cluster-critical', 'system-node-critical']);

/** Turns priority classes into numbers (Kubernetes documentation, "Pod Priority and Preemption"). */
export function priorities(store: Store): AdmissionPlugin {
  return {
    mutate(request, object) {
      if (isNew(request, '/pods')) return prioritize(store, request, object);
      // A client that read the pod without its priority may leave it out.
      const old = numberAt(request.oldObject, 'spec', 'priority');
      return isFor(request, '/pods') && old !== undefined
        ? withValue(object, ['spec', 'priority'], at(object, 'spec', 'priority') ?? old)
        : object;
    },
    validate(request) {
      const { kind, name, operation, object } = request;
      if (!isFor(request, CLASSES)) return;
      if (operation === 'DELETE' && SYSTEM_CLASSES.has(name)) {
        const why = 'this is a system priority class and cannot be deleted';
        throw forbidden(kind, name, why);
      }
      if (at(object, 'globalDefault') !== true) return;
      const other = globalDefault(store);
      if (!other || other.metadata.name === name) return;
      throw forbidden(
        kind,
        name,
        `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
      );
    },
  };
}

function prioritize(store: Store, { kind, name }: AdmissionRequest, pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec');
  const asked = stringAt(spec, 'priorityClassName') ?? '';
  const found = asked === '' ? globalDefault(store) : store.get(CLASSES, '', asked);
  if (asked !== '' && !found) {
    throw forbidden(kind, name, `no PriorityClass with name ${asked} was found`);
  }
  const priority = numberAt(found, 'value') ?? 0;
  const preemptionPolicy = stringAt(found, 'preemptionPolicy') ?? 'PreemptLowerPriority';
  const given = numberAt(spec, 'priority');
  if (given !== undefined && given !== priority) {
    throw forbidden(
      kind,
      name,
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  const givenPolicy = stringAt(spec, 'preemptionPolicy');
  if (givenPolicy !== undefined && givenPolicy !== preemptionPolicy) {
    throw forbidden(
      kind,
      name,
      `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  const className = found?.metadata.name;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(className !== undefined && { priorityClassName: className }),
      priority,
      preemptionPolicy,
    },
  };
}

/** The class of pods that name none; should there be several, that of the lowest value. */
function globalDefault(store: Store): KubeObject | undefined {
  return store
    .list(CLASSES)
    .items.filter((one) => at(one, 'globalDefault') === true)
    .toSorted((left, right) => (numberAt(left, 'value') ?? 0) - (numberAt(right, 'value') ?? 0))[0];
}
