import type { ReadObject } from '../verifier.ts';
import { field, listAt, textAt } from './fields.ts';

/** What kubectl shows under READY: containers that are ready, native sidecars included (`kubectl get pods`). */
function readyCount(pod: ReadObject): { readonly ready: number; readonly total: number } {
  const sidecars = listAt(pod, 'spec', 'initContainers')
    .filter((container) => textAt(container, 'restartPolicy') === 'Always')
    .map((container) => textAt(container, 'name'));
  const total = listAt(pod, 'spec', 'containers').length + sidecars.length;
  const statuses = [
    ...listAt(pod, 'status', 'containerStatuses'),
    ...listAt(pod, 'status', 'initContainerStatuses').filter((status) =>
      sidecars.includes(textAt(status, 'name')),
    ),
  ];
  return { ready: statuses.filter((status) => field(status, 'ready') === true).length, total };
}

/** Whether all containers of the pod are ready. */
export function isReady(pod: ReadObject): boolean {
  const { ready, total } = readyCount(pod);
  return total > 0 && ready === total;
}

/** Whether the pod has Istio's proxy beside its own containers, as a native sidecar or as an ordinary container. */
export function hasSidecar(pod: ReadObject): boolean {
  return [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')].some(
    (container) => textAt(container, 'name') === 'istio-proxy',
  );
}

/** READY and STATUS in words, for a learner: `1/2 Running`. */
export function podState(pod: ReadObject): string {
  const { ready, total } = readyCount(pod);
  return `${ready}/${total} ${textAt(pod, 'status', 'phase') ?? 'Pending'}`;
}
