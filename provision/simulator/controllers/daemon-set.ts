import { daemonSets, nodes, pods } from '../kinds/resources.ts';
import type { DaemonSet } from '../kinds/types/apps.ts';
import type { Node, Pod } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { controllerOf, isActive, isControlledBy, isReady, ownedBy } from './pods.ts';
import { isSame } from './replica-set.ts';
import { isTolerated } from './taints.ts';
import { templateHash } from './template-hash.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

/** Taints that daemons live with, as upstream adds them to their pods. */
const TOLERATED = [
  'not-ready',
  'unreachable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
  'unschedulable',
].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' as const }));

/** One pod on each node that fits (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/). */
export const daemonSetController: Controller = {
  name: 'daemonset',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(client.watch(daemonSets, ({ object }) => queue.add(keyOf(object))));
    stack.use(
      client.watch(pods, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'DaemonSet')
          queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
      }),
    );
    stack.use(
      client.watch(nodes, () => {
        for (const set of client.list(daemonSets)) queue.add(keyOf(set));
      }),
    );
    return stack;
  },
};

async function reconcile({ client, events }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = client.get(daemonSets, name, namespace);
  if (!set || set.metadata.deletionTimestamp) return;
  const hash = templateHash(set.spec.template);
  const own = client
    .list(pods, { namespace })
    .filter((pod) => isControlledBy(pod, set) && isActive(pod));
  const wanted = client.list(nodes).filter((node) => fits(set, node));
  for (const node of wanted) {
    if (own.some((pod) => nodeOf(pod) === node.metadata.name)) continue;
    const pod = await client.create(pods, podFor(set, node, hash));
    events.record(set, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
    });
  }
  const outdated = own.find(
    (pod) => pod.metadata.labels?.['controller-revision-hash'] !== hash && isReady(pod),
  );
  const isAllReady = own.every(isReady);
  for (const pod of own) {
    const isMisplaced = !wanted.some((node) => node.metadata.name === nodeOf(pod));
    if (isMisplaced || (pod === outdated && isAllReady)) {
      await client.delete(pods, { name: pod.metadata.name, namespace });
    }
  }
  const ready = own.filter(isReady).length;
  const updated = own.filter(
    (pod) => pod.metadata.labels?.['controller-revision-hash'] === hash,
  ).length;
  const status = {
    currentNumberScheduled: own.length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: 0,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 1,
    ...(updated > 0 && { updatedNumberScheduled: updated }),
    ...(ready > 0 && { numberAvailable: ready }),
    ...(wanted.length > ready && { numberUnavailable: wanted.length - ready }),
  };
  if (!isSame(status, set.status))
    await client.update(daemonSets, { ...set, status }, { subresource: 'status' });
}

function podFor(set: DaemonSet, node: Node, hash: string) {
  const { metadata, spec } = set.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      labels: {
        ...metadata?.labels,
        'controller-revision-hash': hash,
        'pod-template-generation': '1',
      },
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? 'default',
      ownerReferences: ownedBy(set),
    },
    spec: {
      ...spec,
      nodeName: node.metadata.name,
      tolerations: [...(spec.tolerations ?? []), ...TOLERATED],
    },
  };
}

function nodeOf({ spec }: Pod): string {
  return spec.nodeName ?? '';
}

function fits(set: DaemonSet, node: Node): boolean {
  const { nodeSelector = {}, tolerations = [] } = set.spec.template.spec;
  const isSelected = Object.entries(nodeSelector).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  const taints = node.spec.taints ?? [];
  return isSelected && taints.every((taint) => isTolerated(taint, [...tolerations, ...TOLERATED]));
}
