import { isNotFound } from '../../client/api-error.ts';
import { nodes, pods } from '../../kinds/resources.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { keyOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { NODE_QUARANTINE_MS } from '../limits.ts';
import { isFinished, markDisruption } from '../pods.ts';

/** Deletes pods of nodes that are gone for good (Kubernetes documentation, "Pod Lifecycle": garbage collection of Pods). */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => collect(context, splitKey(key).name),
      watch: (queue) => [
        context.client.watch(nodes, ({ type, object }) => {
          if (type === 'DELETED') queue.addAfter(keyOf(object), NODE_QUARANTINE_MS);
        }),
      ],
    }),
};

async function collect(context: ControllerContext, node: string): Promise<void> {
  const { client } = context;
  if (client.get(nodes, node)) return;
  for (const pod of client.list(pods).filter(({ spec }) => spec.nodeName === node)) {
    try {
      await markDisruption(context, pod, {
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        ...(!isFinished(pod) && { phase: 'Failed' }),
      });
      const { uid } = pod.metadata;
      await client.delete(pods, targetOf(pod), { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
