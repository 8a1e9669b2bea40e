import type { ClusterClient } from '../client/client.ts';
import { timestamp } from '../clock.ts';
import type { Controller, ControllerContext } from '../controllers/controller.ts';
import { isTolerated } from '../controllers/taints.ts';
import { keyOf, splitKey, WorkQueue } from '../controllers/work-queue.ts';
import { quantityValue } from '../kinds/quantity.ts';
import { nodes, pods } from '../kinds/resources.ts';
import type { Container, Node, Pod } from '../kinds/types/core.ts';

/** Puts pods on nodes (https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/). */
export const schedulerController: Controller = {
  name: 'scheduler',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => schedule(context, key)));
    const retryPending = () => {
      for (const pod of client.list(pods)) if (isWaiting(pod)) queue.add(keyOf(pod));
    };
    stack.use(
      client.watch(pods, ({ type, object }) => {
        if (type !== 'DELETED' && isWaiting(object)) queue.add(keyOf(object));
        // A pod that has gone may leave room for one that waits.
        else if (type === 'DELETED') retryPending();
      }),
    );
    stack.use(client.watch(nodes, retryPending));
    return stack;
  },
};

function isWaiting({ spec, metadata, status }: Pod): boolean {
  const isOurs = (spec.schedulerName ?? 'default-scheduler') === 'default-scheduler';
  return (
    isOurs &&
    !spec.nodeName &&
    !metadata.deletionTimestamp &&
    (status.phase ?? 'Pending') === 'Pending'
  );
}

async function schedule({ client, clock, events }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const pod = client.get(pods, name, namespace);
  if (!pod || !isWaiting(pod)) return;
  const all = client.list(nodes);
  const placed = client
    .list(pods)
    .filter(
      ({ spec, status }) =>
        spec.nodeName && status.phase !== 'Succeeded' && status.phase !== 'Failed',
    );
  const reasons = new Map<string, number>();
  const fitting: Node[] = [];
  for (const node of all) {
    const reason = whyNot(
      pod,
      node,
      placed.filter(({ spec }) => spec.nodeName === node.metadata.name),
    );
    if (reason === undefined) fitting.push(node);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const load = (node: Node) =>
    placed.filter(({ spec }) => spec.nodeName === node.metadata.name).length;
  const [best] = fitting.toSorted((a, b) => load(a) - load(b));
  if (!best) {
    const message = failure(all.length, reasons);
    await markUnschedulable(client, pod, { message, now: timestamp(clock) });
    events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    return;
  }
  await client.update(pods, binding(pod, best), { subresource: 'binding' });
  const message = `Successfully assigned ${namespace}/${name} to ${best.metadata.name}`;
  events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
}

function binding({ metadata }: Pod, node: Node) {
  return {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      uid: metadata.uid,
    },
    target: { apiVersion: 'v1', kind: 'Node', name: node.metadata.name },
  };
}

/** Why a pod cannot be on a node, in the scheduler's words; undefined when it can. */
function whyNot({ spec }: Pod, node: Node, neighbours: readonly Pod[]): string | undefined {
  if (node.spec.unschedulable) return 'node(s) were unschedulable';
  const taint = node.spec.taints?.find((one) => !isTolerated(one, spec.tolerations ?? []));
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  if (!isSelected) return "node(s) didn't match Pod's node affinity/selector";
  for (const resource of ['cpu', 'memory']) {
    const capacity = quantityValue(node.status.allocatable?.[resource] ?? '0');
    const used = neighbours.reduce((sum, pod) => sum + requested(pod.spec, resource), 0);
    if (used + requested(spec, resource) > capacity) return `Insufficient ${resource}`;
  }
  return undefined;
}

function requested({ containers, initContainers = [] }: Pod['spec'], resource: string): number {
  const of = ({ resources }: Container) => quantityValue(resources?.requests?.[resource] ?? '0');
  const running = [
    ...containers,
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ];
  return running.reduce((sum, container) => sum + of(container), 0);
}

/** `0/2 nodes are available: 1 node(s) had …, 1 Insufficient cpu. preemption: …` */
function failure(count: number, reasons: ReadonlyMap<string, number>): string {
  if (count === 0) return 'no nodes available to schedule pods';
  const list = [...reasons]
    .map(([reason, nodesWith]) => `${nodesWith} ${reason}`)
    .toSorted()
    .join(', ');
  return `0/${count} nodes are available: ${list}. preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
}

async function markUnschedulable(
  client: ClusterClient,
  pod: Pod,
  { message, now }: { readonly message: string; readonly now: string },
): Promise<void> {
  const old = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (old?.status === 'False' && old.message === message) return;
  const condition = {
    type: 'PodScheduled',
    status: 'False' as const,
    reason: 'Unschedulable',
    message,
    lastTransitionTime: now,
  };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const status = { ...pod.status, phase: 'Pending' as const, conditions: [...others, condition] };
  await client.update(pods, { ...pod, status }, { subresource: 'status' });
}
