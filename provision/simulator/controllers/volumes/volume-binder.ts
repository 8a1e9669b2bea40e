import type { ClusterClient } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import type { PersistentVolume } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import { expandClaim, mounts, syncClaim } from './claims.ts';
import { LOCAL_PATH } from './local-path.ts';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Gives claims their volumes, and takes back volumes whose claims have gone (Kubernetes documentation, "Persistent Volumes"). */
export const volumeBinder: Controller = {
  name: 'persistentvolume-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      async sync(key) {
        if (key.startsWith('/')) {
          await syncVolume(context, key);
          return;
        }
        await syncClaim(context, key);
        await expandClaim(context, key);
      },
      watch: (queue) => [
        client.watch(persistentVolumeClaims, ({ object }) => {
          queue.add(keyOf(object));
          if (object.spec.volumeName) queue.add(`/${object.spec.volumeName}`);
        }),
        client.watch(persistentVolumes, (event) => {
          enqueue(queue)(event);
          const { claimRef } = event.object.spec;
          if (claimRef) queue.add(`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`);
          enqueuePending(queue, client);
        }),
        client.watch(storageClasses, () => enqueuePending(queue, client)),
        client.watch(pods, ({ type, object }) => {
          if (type !== 'ADDED' || object.spec.nodeName) return;
          for (const claim of pendingClaims(client)) {
            if (mounts(object, claim)) queue.add(keyOf(claim));
          }
        }),
      ],
    });
  },
};

function enqueuePending(queue: WorkQueue, client: ClusterClient): void {
  for (const claim of pendingClaims(client)) queue.add(keyOf(claim));
}

function pendingClaims(client: ClusterClient) {
  return client.list(persistentVolumeClaims).filter(({ status }) => status?.phase !== 'Bound');
}

/** A volume's phase follows its claim; without one it is deleted or kept, as its policy says. */
async function syncVolume(context: ControllerContext, key: string): Promise<void> {
  const { client, events } = context;
  const volume = client.get(persistentVolumes, splitKey(key).name);
  if (!volume || isTerminating(volume) || volume.status?.phase === 'Failed') return;
  const phase = phaseOf(client, volume);
  await writePhase(context, volume, { phase });
  if (phase !== 'Released' || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
  const isProvisioned = volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH;
  const message = isProvisioned ? undefined : undeletable(volume);
  if (message === undefined) {
    await client.delete(persistentVolumes, targetOf(volume), { uid: volume.metadata.uid });
    return;
  }
  await writePhase(context, volume, { phase: 'Failed', message });
  events.record(volume, { type: 'Warning', reason: 'VolumeFailedDelete', message });
}

/** Why a volume that nobody provisioned cannot be deleted: upstream's own deleter is for folders below /tmp. */
function undeletable({ metadata, spec }: PersistentVolume): string | undefined {
  const path = spec.hostPath?.path;
  if (path === undefined)
    return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
  if (/\/tmp\/.+/.test(path)) return undefined;
  return `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}

type Phase = NonNullable<NonNullable<PersistentVolume['status']>['phase']>;

async function writePhase(
  { client, clock }: ControllerContext,
  { metadata }: PersistentVolume,
  next: { readonly phase: Phase; readonly message?: string },
): Promise<void> {
  const volume = client.get(persistentVolumes, metadata.name);
  if (!volume || volume.status?.phase === next.phase) return;
  const status = { ...next, lastPhaseTransitionTime: timestamp(clock) };
  await client.update(persistentVolumes, { ...volume, status }, { subresource: 'status' });
}

function phaseOf(client: ClusterClient, { spec }: PersistentVolume): Phase {
  const { name = '', namespace, uid } = spec.claimRef ?? {};
  // A reference without a uid only reserves the volume for a claim to come.
  if (uid === undefined) return 'Available';
  const claim = client.get(persistentVolumeClaims, name, namespace);
  return claim?.metadata.uid === uid ? 'Bound' : 'Released';
}
