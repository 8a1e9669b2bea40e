import { isObject, objectAt } from '../../kinds/json.ts';
import { persistentVolumeClaims, pods } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { controllerReference, isControlledBy } from '../owners.ts';
import { isActive, isNamespaceLeaving } from '../pods.ts';

/** Makes the claims that live as long as their pod (Kubernetes documentation, "Ephemeral Volumes": generic ephemeral volumes). */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        context.client.watch(pods, (event) => {
          const isWanted = event.type === 'ADDED' && templatesOf(event.object).length > 0;
          if (isWanted) enqueue(queue)(event);
        }),
      ],
    }),
};

function templatesOf({ spec }: Pod) {
  return (spec.volumes ?? []).flatMap(({ name, ephemeral }) =>
    isObject(ephemeral) ? [{ name, template: objectAt(ephemeral, 'volumeClaimTemplate') }] : [],
  );
}

async function sync({ client, events }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const pod = client.get(pods, name, namespace);
  if (!pod || !isActive(pod)) return;
  for (const { name: volume, template } of templatesOf(pod)) {
    const claim = `${name}-${volume}`;
    const known = client.get(persistentVolumeClaims, claim, namespace);
    if (known && isControlledBy(known, pod)) continue;
    if (known) {
      const message = `PVC "${namespace}/${claim}" was not created for pod "${namespace}/${name}" (pod is not owner)`;
      events.record(pod, { type: 'Warning', reason: 'EphemeralVolumeCreateFailed', message });
      continue;
    }
    try {
      await client.create(persistentVolumeClaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          ...objectAt(template, 'metadata'),
          name: claim,
          namespace: namespaceOf(pod),
          ownerReferences: [controllerReference(pod)],
        },
        spec: objectAt(template, 'spec'),
      });
    } catch (error) {
      if (!isNamespaceLeaving(error)) throw error;
    }
  }
}
