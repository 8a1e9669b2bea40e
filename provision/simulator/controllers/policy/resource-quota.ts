import type { Resource } from '../../client/client.ts';
import { asJson, isSame } from '../../kinds/json.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { isInScope } from '../../kinds/quota/scopes.ts';
import { concerns, usageOf, type Usage } from '../../kinds/quota/usage.ts';
import { resourceQuotas } from '../../kinds/resources.ts';
import type { ResourceQuota } from '../../kinds/types/core.ts';
import { sumQuantities } from '../../kinds/values/quantity.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey } from '../controller.ts';
import { servedResources, watchEverything } from '../served-resources.ts';

/**
 * Says how much of a quota is used (Kubernetes documentation, "Resource Quotas"). The API server writes down what is
 * added; this counts anew, and so gives back what has gone.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  start(context) {
    const { client } = context;
    let everything: Disposable | undefined;
    return runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        client.watch(resourceQuotas, (event) => {
          enqueue(queue)(event);
          // Without a quota nobody asks how much there is of anything.
          everything ??= watchEverything(client, (_resource, { object }) => {
            const { namespace } = object.metadata;
            if (namespace === undefined) return;
            for (const quota of client.list(resourceQuotas, { namespace })) queue.add(keyOf(quota));
          });
        }),
        { [Symbol.dispose]: () => everything?.[Symbol.dispose]() },
      ],
    });
  },
};

async function sync(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const quota = client.get(resourceQuotas, name, namespace);
  if (!quota) return;
  const { hard = {} } = quota.spec;
  const used = usedIn(context, quota, namespace);
  const status = { hard, used };
  if (isSame(status, quota.status)) return;
  await client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' });
}

/** How much a namespace uses of each of the names that a quota limits; names nobody knows count as `0`. */
function usedIn(
  { client, clock }: ControllerContext,
  quota: ResourceQuota,
  namespace: string,
): Usage {
  const names = Object.keys(quota.spec.hard ?? {});
  const amounts = new Map<string, string[]>(names.map((name) => [name, []]));
  const concerned = servedResources(client).filter((resource) => {
    const key = keyOfKind(resource);
    return resource.isNamespaced && names.some((name) => concerns(key, name));
  });
  for (const resource of concerned) {
    const key = keyOfKind(resource);
    const objects: readonly KubeObject[] = client.list(resource, { namespace });
    for (const object of objects.map(asJson)) {
      if (!isInScope(quota, key, object)) continue;
      for (const [name, amount] of Object.entries(usageOf(key, object, clock.now()))) {
        amounts.get(name)?.push(amount);
      }
    }
  }
  return Object.fromEntries(names.map((name) => [name, sumQuantities(amounts.get(name) ?? [])]));
}

/** `apps/deployments`, as quotas are told of kinds. */
function keyOfKind({ group, plural }: Resource): string {
  return `${group}/${plural}`;
}
