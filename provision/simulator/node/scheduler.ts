import type { ClusterClient, WatchEvent } from '../client/client.ts';
import { timestamp } from '../clock.ts';
import { withCondition } from '../controllers/conditions.ts';
import type { Controller, ControllerContext } from '../controllers/controller.ts';
import { keyOf, runLoop, splitKey } from '../controllers/controller.ts';
import { matchesNode, untoleratedTaint } from '../controllers/node-fit.ts';
import { isFinished } from '../controllers/pods.ts';
import type { WorkQueue } from '../controllers/work-queue.ts';
import { isSame } from '../kinds/json.ts';
import { quantityValue } from '../kinds/quantity.ts';
import { nodes, pods } from '../kinds/resources.ts';
import type { Container, Node, Pod, PodSpec } from '../kinds/types/core.ts';

const SCHEDULER = 'default-scheduler';

/** Puts pods on nodes (Kubernetes documentation, "Kubernetes Scheduler"). Pods are not preempted: the words for that say it does not help. */
export const schedulerController: Controller = {
  name: SCHEDULER,
  start: (context) =>
    runLoop(context, {
      sync: (key) => schedule(context, key),
      watch: (queue) => [
        context.client.watch(pods, enqueuePods(queue, context.client)),
        context.client.watch(nodes, enqueueOfNodes(queue, context.client)),
      ],
    }),
};

function enqueuePods(queue: WorkQueue, client: ClusterClient) {
  return ({ type, object }: WatchEvent<Pod>) => {
    if (type !== 'DELETED' && isWaiting(object)) queue.add(keyOf(object));
    // A pod that has gone or ended leaves room for those that wait.
    else if (type === 'DELETED' || isFinished(object)) enqueueWaiting(queue, client);
  };
}

/** Of a node only what decides about pods is looked at: its status changes more often. */
function enqueueOfNodes(queue: WorkQueue, client: ClusterClient) {
  const known = new Map<string, string>();
  return ({ type, object }: WatchEvent<Node>) => {
    const { name, labels } = object.metadata;
    const text = JSON.stringify([labels, object.spec, object.status.allocatable]);
    const isNew = type === 'DELETED' || known.get(name) !== text;
    if (type === 'DELETED') known.delete(name);
    else known.set(name, text);
    if (isNew) enqueueWaiting(queue, client);
  };
}

function enqueueWaiting(queue: WorkQueue, client: ClusterClient): void {
  for (const pod of client.list(pods)) if (isWaiting(pod)) queue.add(keyOf(pod));
}

function isWaiting(pod: Pod): boolean {
  const { spec, metadata } = pod;
  const isOurs = (spec.schedulerName ?? SCHEDULER) === SCHEDULER;
  const isHeld = (spec.schedulingGates ?? []).length > 0;
  return isOurs && !isHeld && !spec.nodeName && !metadata.deletionTimestamp && !isFinished(pod);
}

async function schedule(context: ControllerContext, key: string): Promise<void> {
  const { client, events } = context;
  const { namespace, name } = splitKey(key);
  const pod = client.get(pods, name, namespace);
  if (!pod || !isWaiting(pod)) return;
  const all = client.list(nodes);
  const placed = client.list(pods).filter((other) => other.spec.nodeName && !isFinished(other));
  const choice = chooseNode(pod, all, placed);
  if (choice.type === 'none') {
    await markUnschedulable(context, pod, choice.message);
    return;
  }
  const { uid } = pod.metadata;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: choice.node },
  };
  await client.update(pods, binding, { subresource: 'binding' });
  const message = `Successfully assigned ${namespace}/${name} to ${choice.node}`;
  events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
}

/** Where a pod goes, or in the scheduler's words why nowhere. */
export type Choice =
  | { readonly type: 'node'; readonly node: string }
  | { readonly type: 'none'; readonly message: string };

/**
 * The node for a pod: of those that fit, one without taints it would rather avoid, then the one with the fewest pods.
 * @param placed pods that are on nodes already and have not ended
 */
export function chooseNode(pod: Pod, all: readonly Node[], placed: readonly Pod[]): Choice {
  const counts = new Map<string, number>();
  const candidates = all.flatMap((node) => {
    const own = placed.filter(({ spec }) => spec.nodeName === node.metadata.name);
    const reasons = whyNot(pod.spec, node, own);
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return reasons.length === 0 ? [{ node, crowd: crowdOf(pod, node, own) }] : [];
  });
  const [best] = candidates.toSorted(
    (a, b) => a.crowd - b.crowd || (a.node.metadata.name < b.node.metadata.name ? -1 : 1),
  );
  if (best) return { type: 'node', node: best.node.metadata.name };
  return { type: 'none', message: failureText(all.length, counts) };
}

/** Pods of the same kind count before all others, and taints it would rather avoid before both. */
function crowdOf(pod: Pod, node: Node, own: readonly Pod[]): number {
  const controller = pod.metadata.ownerReferences?.[0]?.uid;
  const siblings = own.filter(({ metadata }) => {
    return controller !== undefined && metadata.ownerReferences?.[0]?.uid === controller;
  });
  const isAvoided =
    untoleratedTaint(node, pod.spec.tolerations, ['PreferNoSchedule']) !== undefined;
  return (isAvoided ? 1_000_000 : 0) + siblings.length * 1_000 + own.length;
}

/** Everything that keeps a pod off a node; the first filter that objects has the word, as in upstream's framework. */
function whyNot(spec: PodSpec, node: Node, own: readonly Pod[]): readonly string[] {
  const toleratesCordon = !untoleratedTaint(
    {
      ...node,
      spec: { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
    },
    spec.tolerations,
  );
  if (node.spec.unschedulable === true && !toleratesCordon) return ['node(s) were unschedulable'];
  const taint = untoleratedTaint(node, spec.tolerations);
  if (taint) return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  if (!matchesNode(spec, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  return insufficient(spec, node, own);
}

/** Resources that are too scarce; each is told, as by upstream's NodeResourcesFit. */
function insufficient(spec: PodSpec, node: Node, own: readonly Pod[]): readonly string[] {
  const { allocatable = {} } = node.status;
  const tooMany = own.length + 1 > quantityValue(allocatable['pods'] ?? '110');
  const wanted = requestsOf(spec);
  const scarce = [...wanted]
    .filter(([resource, amount]) => {
      const used = own.reduce((sum, pod) => sum + (requestsOf(pod.spec).get(resource) ?? 0), 0);
      return amount > 0 && used + amount > quantityValue(allocatable[resource] ?? '0');
    })
    .map(([resource]) => `Insufficient ${resource}`);
  return tooMany ? ['Too many pods', ...scarce] : scarce;
}

/** What a pod asks for: its containers and sidecars together, or the greediest init container if that is more. */
function requestsOf({ containers, initContainers = [] }: PodSpec): ReadonlyMap<string, number> {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const total = new Map<string, number>();
  for (const container of [...containers, ...sidecars]) {
    for (const [resource, amount] of requests(container)) {
      total.set(resource, (total.get(resource) ?? 0) + amount);
    }
  }
  for (const container of initContainers) {
    for (const [resource, amount] of requests(container)) {
      total.set(resource, Math.max(total.get(resource) ?? 0, amount));
    }
  }
  return total;
}

function requests({ resources }: Container): readonly (readonly [string, number])[] {
  return Object.entries(resources?.requests ?? {}).map(([resource, quantity]) => {
    return [resource, quantityValue(quantity)] as const;
  });
}

function failureText(count: number, reasons: ReadonlyMap<string, number>): string {
  if (count === 0) return 'no nodes available to schedule pods';
  const list = [...reasons].map(([reason, times]) => `${times} ${reason}`).toSorted();
  // Room could be made by sending others away; nothing else can be mended like that.
  const scarce = [...reasons].filter(([reason]) => /^(Insufficient|Too many)/.test(reason));
  const hopeless = [...reasons]
    .filter(([reason]) => !/^(Insufficient|Too many)/.test(reason))
    .reduce((sum, [, times]) => sum + times, 0);
  const preemption = [
    ...(scarce.length > 0
      ? [`${count - hopeless} No preemption victims found for incoming pod`]
      : []),
    ...(hopeless > 0 ? [`${hopeless} Preemption is not helpful for scheduling`] : []),
  ];
  return `0/${count} nodes are available: ${list.join(', ')}. preemption: 0/${count} nodes are available: ${preemption.join(', ')}.`;
}

async function markUnschedulable(
  { client, clock, events }: ControllerContext,
  pod: Pod,
  message: string,
): Promise<void> {
  const conditions = withCondition(
    pod.status.conditions ?? [],
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
    timestamp(clock),
  );
  // Told once: it is looked at again when something changes, not by the clock.
  if (isSame(conditions, pod.status.conditions)) return;
  const status = { ...pod.status, conditions };
  await client.update(pods, { ...pod, status }, { subresource: 'status' });
  events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
}
