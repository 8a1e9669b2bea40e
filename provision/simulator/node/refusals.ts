import { ApiError } from '../client/api-error.ts';
import type { Pod } from '../kinds/types/core.ts';
import type { ContainerRef } from './kubelet.ts';

/** 404 for a pod that is not there. */
export function podNotFound(name: string): ApiError {
  return new ApiError(404, 'NotFound', `pods "${name}" not found`, { name, kind: 'pods' });
}

/** 400 in the kubelet's words. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/**
 * The name of the container a request is about (kubernetes/pkg/registry/core/pod, `LogLocation`).
 * @throws ApiError when the pod has several and none is named, or none of that name
 */
export function containerName(pod: Pod, ref: ContainerRef): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const name = pod.metadata.name;
  if (ref.container === undefined) {
    const [first, second] = containers;
    if (first && !second) return first.name;
    const inits = initContainers.map((each) => each.name).join(' ');
    const more = inits ? ` or one of the init containers: [${inits}]` : '';
    const names = containers.map((each) => each.name).join(' ');
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names}]${more}`,
    );
  }
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  const isThere = all.some((each) => each.name === ref.container);
  if (!isThere) throw badRequest(`container ${ref.container} is not valid for pod ${name}`);
  return ref.container;
}
