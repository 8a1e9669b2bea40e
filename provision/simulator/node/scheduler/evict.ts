import { isNotFound } from '../../client/api-error.ts';
import { timestamp } from '../../clock.ts';
import { withCondition } from '../../controllers/conditions.ts';
import type { ControllerContext } from '../../controllers/controller.ts';
import { targetOf } from '../../controllers/controller.ts';
import { isTerminating } from '../../controllers/pods.ts';
import { pods } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';

/** Sends a pod away so that a more important one fits on the node. */
export async function evict(
  { client, clock, events }: ControllerContext,
  { victim, by, node }: { readonly victim: Pod; readonly by: Pod; readonly node: string },
): Promise<void> {
  if (isTerminating(victim)) return;
  const scheduler = by.spec.schedulerName ?? 'default-scheduler';
  const { uid } = victim.metadata;
  const disruption = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${scheduler}: preempting to accommodate a higher priority pod`,
  } as const;
  const conditions = withCondition(
    victim.status.conditions ?? [],
    disruption,
    timestamp(clock),
  ).map((condition) => ({ ...condition }));
  try {
    const patch = { metadata: { uid }, status: { conditions } };
    await client.patch(pods, targetOf(victim), patch, { subresource: 'status' });
    await client.delete(pods, targetOf(victim), { uid });
  } catch (error) {
    // Gone on its own account: the room is there.
    if (isNotFound(error)) return;
    throw error;
  }
  const message = `Preempted by pod ${by.metadata.uid} on node ${node}`;
  events.record(victim, { type: 'Normal', reason: 'Preempted', message });
}
