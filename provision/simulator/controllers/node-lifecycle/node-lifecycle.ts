import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { nodes } from '../../kinds/resources.ts';
import type { Node, Taint } from '../../kinds/types/core.ts';
import { findCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey } from '../controller.ts';
import type { EventRecorder } from '../events.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Says by taints what a node's conditions say (Kubernetes documentation, "Taints and Tolerations": taint nodes by condition). */
export const nodeLifecycleController: Controller = {
  name: 'node-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [context.client.watch(nodes, enqueue(queue))],
    }),
};

async function sync({ client, clock, events }: ControllerContext, key: string): Promise<void> {
  const node = client.get(nodes, splitKey(key).name);
  if (!node) return;
  const taints = taintsOf(node, timestamp(clock));
  if (isSame(taints, node.spec.taints ?? [])) return;
  const { taints: _taints, ...rest } = node.spec;
  const spec = { ...rest, ...(taints.length > 0 && { taints }) };
  await client.update(nodes, { ...node, spec });
  tellOfCordon(events, node, taints);
  const isLost = taints.some(({ key: taint }) => taint === NOT_READY || taint === UNREACHABLE);
  const wasLost = node.spec.taints?.some(
    ({ key: taint }) => taint === NOT_READY || taint === UNREACHABLE,
  );
  if (!isLost || wasLost) return;
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  events.record(node, { type: 'Normal', reason: 'NodeNotReady', message });
}

function isCordon({ key }: Taint): boolean {
  return key === UNSCHEDULABLE;
}

/** The kubelet says when pods may not come to its node, and when they may again. */
function tellOfCordon(events: EventRecorder, node: Node, taints: readonly Taint[]): void {
  const isCordoned = taints.some(isCordon);
  if (isCordoned === (node.spec.taints?.some(isCordon) ?? false)) return;
  const reason = isCordoned ? 'NodeNotSchedulable' : 'NodeSchedulable';
  const message = `Node ${node.metadata.name} status is now: ${reason}`;
  events.record(node, { type: 'Normal', reason, message, component: 'kubelet' });
}

/** The node's taints, those that follow from its state put right and all others kept. */
function taintsOf({ spec, status }: Node, now: string): readonly Taint[] {
  const ready = findCondition(status.conditions, 'Ready')?.status;
  const lost = ready === 'False' ? NOT_READY : UNREACHABLE;
  const wanted = [
    ...(ready === 'False' || ready === 'Unknown'
      ? [
          { key: lost, effect: 'NoSchedule' },
          { key: lost, effect: 'NoExecute' },
        ]
      : []),
    ...(spec.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
  ];
  const isOurs = ({ key }: Taint) => [NOT_READY, UNREACHABLE, UNSCHEDULABLE].includes(key);
  const known = spec.taints ?? [];
  const kept = known.filter((taint) => !isOurs(taint) || wanted.some((one) => isEqual(one, taint)));
  const added = wanted
    .filter((taint) => !known.some((one) => isEqual(one, taint)))
    .map((taint) => ({ ...taint, timeAdded: now }));
  return [...kept, ...added];
}

function isEqual(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
