import { isNotFound } from '../../client/api-error.ts';
import { events } from '../../kinds/resources.ts';
import type { Event } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { runLoop, targetOf } from '../controller.ts';
import { EVENT_LIMIT } from '../limits.ts';

/** Forgets the oldest events of a cluster; upstream's API server does so after an hour, whatever their number. */
export const eventLimitController: Controller = {
  name: 'event-limit-controller',
  start: (context) => {
    let count = 0;
    return runLoop(context, {
      sync: () => forgetOldest(context),
      watch: (queue) => [
        context.client.watch(events, ({ type }) => {
          if (type === 'ADDED') count++;
          if (type === 'DELETED') count--;
          if (count > EVENT_LIMIT) queue.add('events');
        }),
      ],
    });
  },
};

/** A tenth more than necessary goes, so that this is not needed for every further event. */
async function forgetOldest({ client }: ControllerContext): Promise<void> {
  const all = client.list(events);
  if (all.length <= EVENT_LIMIT) return;
  const surplus = all
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(0, all.length - Math.floor(EVENT_LIMIT * 0.9));
  for (const event of surplus) {
    try {
      await client.delete(events, targetOf(event));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function timeOf({ lastTimestamp, metadata }: Event): string {
  return lastTimestamp ?? metadata.creationTimestamp;
}
