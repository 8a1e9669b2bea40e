import type { ClusterClient, Resource } from '../../client/client.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '../../kinds/resources.ts';
import type { Controller } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { isFinished, isTerminating } from '../pods.ts';
import { mounts } from './claims.ts';

/** Keeps claims that pods use, and volumes that claims have (Kubernetes documentation, "Persistent Volumes": storage object in use protection). */
export const claimProtectionController: Controller = {
  name: 'pvc-protection-controller',
  start: (context) => {
    const { client } = context;
    const isUsed = (claim: KubeObject) =>
      client
        .list(pods, { namespace: claim.metadata.namespace ?? 'default' })
        .some((pod) => !isFinished(pod) && mounts(pod, { ...claim, spec: {} }));
    return runLoop(context, {
      sync: (key) =>
        protect(client, persistentVolumeClaims, {
          key,
          finalizer: 'kubernetes.io/pvc-protection',
          isUsed,
        }),
      watch: (queue) => [
        client.watch(persistentVolumeClaims, enqueue(queue)),
        client.watch(pods, ({ type, object }) => {
          if (type !== 'DELETED' && !isFinished(object)) return;
          for (const claim of client.list(persistentVolumeClaims)) {
            if (isTerminating(claim)) queue.add(keyOf(claim));
          }
        }),
      ],
    });
  },
};

export const volumeProtectionController: Controller = {
  name: 'pv-protection-controller',
  start: (context) => {
    const { client } = context;
    const isUsed = ({ metadata }: KubeObject) =>
      client.get(persistentVolumes, metadata.name)?.status?.phase === 'Bound';
    return runLoop(context, {
      sync: (key) =>
        protect(client, persistentVolumes, {
          key,
          finalizer: 'kubernetes.io/pv-protection',
          isUsed,
        }),
      watch: (queue) => [client.watch(persistentVolumes, enqueue(queue))],
    });
  },
};

interface Protection {
  readonly key: string;
  readonly finalizer: string;
  readonly isUsed: (object: KubeObject) => boolean;
}

async function protect(
  client: ClusterClient,
  resource: Resource,
  { key, finalizer, isUsed }: Protection,
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const object = client.get(resource, name, namespace);
  if (!object) return;
  const { finalizers = [], uid } = object.metadata;
  const others = finalizers.filter((one) => one !== finalizer);
  const isProtected = others.length < finalizers.length;
  if (isProtected === !isTerminating(object) || (isTerminating(object) && isUsed(object))) return;
  if (!isProtected && isTerminating(object)) return;
  const next = isProtected ? others : [...finalizers, finalizer];
  await client.patch(resource, targetOf(object), {
    metadata: { uid, finalizers: next.length > 0 ? next : null },
  });
}
