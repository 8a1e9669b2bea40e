import type { ContainerState, ContainerStatus, Pod } from '../../kinds/types/core.ts';
import type { LogOptions } from '../kubelet.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import { badRequest } from '../refusals.ts';
import type { ContainerLog } from './container-log.ts';

/** The log of a run, or the kubelet's words for a run whose log is no more. */
export type FoundLog =
  | { readonly type: 'log'; readonly log: ContainerLog }
  | { readonly type: 'lost'; readonly message: string };

/**
 * Chooses among a container's runs the one whose log is meant: the one that is on, else the last
 * (kubernetes/pkg/kubelet, `validateContainerLogStatus`).
 * @throws ApiError 400 when the container has not run, or with `previous` not twice
 */
export function logOf(worker: PodWorker, name: string, { previous }: LogOptions): FoundLog {
  const container = worker.containers.find((each) => each.name === name);
  const log = previous ? container?.previousLog : container?.log;
  if (log) return { type: 'log', log };
  const status = statusOf(worker.pod, name);
  // It ran before this cluster was brought back from its state, which holds no logs.
  const id = previous ? lastId(status) : (status?.state.terminated?.containerID ?? lastId(status));
  if (id) return { type: 'lost', message: `unable to retrieve container logs for ${id}` };
  const state = container?.state ?? status?.state;
  const place = `${JSON.stringify(name)} in pod ${JSON.stringify(worker.pod.metadata.name)}`;
  if (previous) throw badRequest(`previous terminated container ${place} not found`);
  throw badRequest(`container ${place} ${state ? whyNone(state) : 'is not available'}`);
}

function lastId(status: ContainerStatus | undefined): string | undefined {
  return status?.lastState?.terminated?.containerID;
}

function whyNone({ terminated, waiting }: ContainerState): string {
  if (terminated) return 'is terminated';
  const reason = waiting?.reason;
  if (reason === undefined) return 'is waiting to start - no logs yet';
  if (reason === 'ErrImagePull') return "is waiting to start: image can't be pulled";
  if (reason === 'ImagePullBackOff') {
    return 'is waiting to start: trying and failing to pull image';
  }
  return `is waiting to start: ${reason}`;
}

function statusOf(pod: Pod, name: string) {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status;
  return [containerStatuses, initContainerStatuses, ephemeralContainerStatuses]
    .flatMap((list) => list ?? [])
    .find((status) => status.name === name);
}
