import { nodes, pods } from '../../kinds/resources.ts';
import type { Node, Pod, Taint, Toleration } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { isTolerated } from '../node-fit.ts';
import { isActive, markDisruption } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';

/** Deletes pods from nodes with NoExecute taints that they do not bear, or bear no longer (Kubernetes documentation, "Taints and Tolerations"). */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        client.watch(nodes, ({ object }) => {
          if (noExecuteTaints(object).length === 0) return;
          for (const pod of client.list(pods)) {
            if (pod.spec.nodeName === object.metadata.name) queue.add(keyOf(pod));
          }
        }),
        client.watch(pods, enqueue(queue)),
      ],
    });
  },
};

function noExecuteTaints({ spec }: Node): readonly Taint[] {
  return spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

async function sync(
  { client, clock, events }: ControllerContext,
  key: string,
  queue: WorkQueue,
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const pod = client.get(pods, name, namespace);
  const node = pod?.spec.nodeName ? client.get(nodes, pod.spec.nodeName) : undefined;
  if (!pod || !node || !isActive(pod)) return;
  const taints = noExecuteTaints(node);
  if (taints.length === 0) return;
  const leaveMs = timeToLeave(pod, taints, clock.now());
  if (leaveMs === undefined) return;
  if (leaveMs > clock.now()) {
    queue.addAfter(key, leaveMs - clock.now());
    return;
  }
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  events.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message });
  await markDisruption({ client, clock }, pod, {
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  });
  await client.delete(pods, targetOf(pod), { uid: pod.metadata.uid });
}

/** When the pod has to go, in milliseconds since the epoch; undefined when it bears all taints for ever. */
function timeToLeave({ spec }: Pod, taints: readonly Taint[], nowMs: number): number | undefined {
  const tolerations = spec.tolerations ?? [];
  const times = taints.flatMap((taint) => {
    const bearing = tolerations.filter((one) => isTolerated(taint, [one]));
    if (bearing.length === 0) return [nowMs];
    const seconds = bearing.flatMap(({ tolerationSeconds }: Toleration) => tolerationSeconds ?? []);
    if (seconds.length < bearing.length) return [];
    const sinceMs = Date.parse(taint.timeAdded ?? '');
    const fromMs = Number.isNaN(sinceMs) ? nowMs : sinceMs;
    return [fromMs + Math.max(0, Math.min(...seconds)) * 1_000];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
