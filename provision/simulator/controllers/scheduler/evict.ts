import { isNotFound } from '../../client/api-error.ts';
import { pods } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { ControllerContext } from '../controller.ts';
import { targetOf } from '../controller.ts';
import { isTerminating, markDisruption } from '../pods.ts';

/** Sends a pod away so that a more important one fits on the node. */
export async function evict(
  context: ControllerContext,
  { victim, by, node }: { readonly victim: Pod; readonly by: Pod; readonly node: string },
): Promise<void> {
  if (isTerminating(victim)) return;
  const scheduler = by.spec.schedulerName ?? 'default-scheduler';
  try {
    await markDisruption(context, victim, {
      reason: 'PreemptionByScheduler',
      message: `${scheduler}: preempting to accommodate a higher priority pod`,
    });
    await context.client.delete(pods, targetOf(victim), { uid: victim.metadata.uid });
  } catch (error) {
    // Gone on its own account: the room is there.
    if (isNotFound(error)) return;
    throw error;
  }
  const message = `Preempted by pod ${by.metadata.uid} on node ${node}`;
  context.events.record(victim, { type: 'Normal', reason: 'Preempted', message });
}
