import { matchesNode } from '../../controllers/node-fit.ts';
import { isFinished } from '../../controllers/pods.ts';
import { requestsOf } from '../../controllers/scheduler/requests.ts';
import { nodes, pods } from '../../kinds/resources.ts';
import type { Node, Pod } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';
import type { PodHost } from './host.ts';
import type { Verdict } from './pod-status.ts';
import { isMirror } from './static-pods.ts';

/** Why the node will not have a pod that was bound to it without asking the scheduler; undefined when it will. */
export function whyNotAdmitted(pod: Pod, host: PodHost): Verdict | undefined {
  const node = host.client.get(nodes, host.name);
  if (!node || isMirror(pod)) return undefined;
  const others = host.client.list(pods).filter(({ spec, metadata, ...other }) => {
    const isHere = spec.nodeName === host.name && metadata.uid !== pod.metadata.uid;
    return isHere && !isFinished({ spec, metadata, ...other });
  });
  const refusal = scarcity(pod, node, others) ?? mismatch(pod, node);
  if (!refusal) return undefined;
  const { reason, message } = refusal;
  host.events.record(pod, { type: 'Warning', reason, message });
  return { phase: 'Failed', reason, message: `Pod was rejected: ${message}` };
}

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

function scarcity(pod: Pod, { status }: Node, others: readonly Pod[]): Refusal | undefined {
  const amounts = new Map([...requestsOf(pod.spec), ['pods', 1] as const]);
  for (const [resource, requested] of amounts) {
    const used = others.reduce((sum, { spec }) => {
      return sum + (resource === 'pods' ? 1 : (requestsOf(spec).get(resource) ?? 0));
    }, 0);
    const capacity = quantityValue(status.allocatable?.[resource] ?? '0');
    if (requested === 0 || used + requested <= capacity + EPSILON) continue;
    const unit = resource === 'cpu' ? 1_000 : 1;
    const [wanted, taken, all] = [requested, used, capacity].map((one) => Math.round(one * unit));
    const message = `Node didn't have enough resource: ${resource}, requested: ${wanted}, used: ${taken}, capacity: ${all}`;
    return { reason: `OutOf${resource}`, message };
  }
  return undefined;
}

/** Sums of decimal fractions are not exact. */
const EPSILON = 1e-9;

function mismatch(pod: Pod, node: Node): Refusal | undefined {
  if (matchesNode(pod.spec, node)) return undefined;
  const words = "node(s) didn't match Pod's node affinity/selector";
  return { reason: 'NodeAffinity', message: `Predicate NodeAffinity failed: ${words}` };
}
