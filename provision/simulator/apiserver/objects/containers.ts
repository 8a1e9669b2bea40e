import type { KubeObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import { listAt, stringAt } from './json.ts';

/**
 * The container that a request for a pod means: the named one, or the only one.
 * @throws ApiError 400 in upstream's words when there is none or a choice (registry/core/pod)
 */
export function defaultContainer(pod: KubeObject, asked: string): string {
  const names = (list: string) =>
    listAt(pod, 'spec', list).map((container) => stringAt(container, 'name') ?? '');
  const containers = names('containers');
  const initContainers = names('initContainers');
  const { name } = pod.metadata;
  if (asked !== '') {
    const all = [...containers, ...initContainers, ...names('ephemeralContainers')];
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choice = `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`;
  const init =
    initContainers.length > 0
      ? ` or one of the init containers: [${initContainers.join(' ')}]`
      : '';
  throw badRequest(choice + init);
}
