import type { JsonObject } from '../../../kinds/object.ts';
import { listAt, objectAt, stringMapAt } from '../../objects/json.ts';

/** The first status of a pod. */
export function preparePod(pod: JsonObject): JsonObject {
  return { ...pod, status: { phase: 'Pending', qosClass: qosClass(pod) } };
}

const COUNTED = ['cpu', 'memory'];

/** Kubernetes documentation, "Pod Quality of Service Classes". */
function qosClass(pod: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [
    ...listAt(pod, 'spec', 'containers'),
    ...listAt(pod, 'spec', 'initContainers'),
  ];
  const resources = containers.map((container) => objectAt(container, 'resources'));
  const isNothingAsked = resources.every((entry) =>
    ['requests', 'limits'].every((list) =>
      COUNTED.every((name) => objectAt(entry, list)[name] === undefined),
    ),
  );
  if (isNothingAsked) return 'BestEffort';
  const isGuaranteed = resources.every((entry) => {
    const limits = stringMapAt(entry, 'limits');
    const requests = { ...limits, ...stringMapAt(entry, 'requests') };
    return COUNTED.every((name) => limits[name] !== undefined && limits[name] === requests[name]);
  });
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
