import { timestamp } from '../../clock.ts';
import { flowSchemas, priorityLevels } from '../../kinds/resources.ts';
import { withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey } from '../controller.ts';

/** Says of each FlowSchema whether its priority level is missing (Kubernetes documentation, "API Priority and Fairness"). */
export const flowSchemaStatusController: Controller = {
  name: 'api-priority-and-fairness-config-consumer-v1',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        client.watch(flowSchemas, enqueue(queue)),
        client.watch(priorityLevels, ({ type }) => {
          if (type === 'MODIFIED') return;
          for (const schema of client.list(flowSchemas)) queue.add(keyOf(schema));
        }),
      ],
    });
  },
};

async function sync({ client, clock }: ControllerContext, key: string): Promise<void> {
  const schema = client.get(flowSchemas, splitKey(key).name);
  if (!schema) return;
  const { name } = schema.spec.priorityLevelConfiguration;
  const isThere = client.get(priorityLevels, name) !== undefined;
  const known = schema.status?.conditions ?? [];
  const conditions = withCondition(
    known,
    {
      type: 'Dangling',
      status: isThere ? 'False' : 'True',
      reason: isThere ? 'Found' : 'NotFound',
      message:
        `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)} ` +
        (isThere ? 'and it exists' : 'but there is no such object'),
    },
    timestamp(clock),
  );
  if (conditions === known) return;
  await client.update(
    flowSchemas,
    { ...schema, status: { conditions } },
    { subresource: 'status' },
  );
}
