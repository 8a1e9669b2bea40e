import type { JsonObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { isSame, listAt, objectAt, stringAt, stringMapAt } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import { isNew, type AdmissionPlugin, type AdmissionRequest } from './admission.ts';

/** Pods of a RuntimeClass take on its overhead and its rules of scheduling (Kubernetes documentation, "Runtime Class"). */
export function runtimeClasses(store: Store): AdmissionPlugin {
  return {
    mutate: (request, object) => (isNew(request, '/pods') ? adapt(store, request, object) : object),
  };
}

function adapt(store: Store, { kind, name }: AdmissionRequest, pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec');
  const className = stringAt(spec, 'runtimeClassName') ?? '';
  if (className === '') {
    if (spec['overhead'] === undefined) return pod;
    const why =
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
    throw forbidden(kind, name, why);
  }
  const found = store.get('node.k8s.io/runtimeclasses', '', className);
  if (!found) {
    throw forbidden(kind, name, `pod rejected: RuntimeClass "${className}" not found`);
  }
  const overhead = objectAt(found, 'overhead', 'podFixed');
  const hasOverhead = Object.keys(overhead).length > 0;
  if (hasOverhead && spec['overhead'] !== undefined && !isSame(spec['overhead'], overhead)) {
    const why = `pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`;
    throw forbidden(kind, name, why);
  }
  const nodeSelector: Record<string, string> = { ...stringMapAt(spec, 'nodeSelector') };
  for (const [key, value] of Object.entries(stringMapAt(found, 'scheduling', 'nodeSelector'))) {
    const own = nodeSelector[key];
    if (own !== undefined && own !== value) {
      const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
      throw forbidden(kind, name, why);
    }
    nodeSelector[key] = value;
  }
  const tolerations = [
    ...listAt(spec, 'tolerations'),
    ...listAt(found, 'scheduling', 'tolerations'),
  ];
  return {
    ...pod,
    spec: {
      ...spec,
      ...(hasOverhead && { overhead }),
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
      ...(tolerations.length > 0 && { tolerations }),
    },
  };
}
