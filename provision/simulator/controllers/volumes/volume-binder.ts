import type { ClusterClient } from '../../client/client.ts';
import { compareQuantities } from '../../kinds/quantity.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from '../../kinds/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kinds/types/core.ts';
import type { StorageClass } from '../../kinds/types/policy.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { referenceTo } from '../events.ts';
import { isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/**
 * Gives claims their volumes (Kubernetes documentation, "Persistent Volumes"): one that is there and fits, or a new one
 * from the claim's class. Any provisioner's volumes are made at once, in the manner of the local-path provisioner;
 * WaitForFirstConsumer does not wait, because every node could have the volume.
 */
export const volumeBinder: Controller = {
  name: 'persistentvolume-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key) => (key.startsWith('/') ? syncVolume(context, key) : syncClaim(context, key)),
      watch: (queue) => [
        client.watch(persistentVolumeClaims, ({ object }) => {
          queue.add(keyOf(object));
          if (object.spec.volumeName) queue.add(`/${object.spec.volumeName}`);
        }),
        client.watch(persistentVolumes, (event) => {
          enqueue(queue)(event);
          enqueuePending(queue, client);
        }),
        client.watch(storageClasses, () => enqueuePending(queue, client)),
      ],
    });
  },
};

function enqueuePending(queue: WorkQueue, client: ClusterClient): void {
  for (const claim of client.list(persistentVolumeClaims)) {
    if (claim.status?.phase !== 'Bound') queue.add(keyOf(claim));
  }
}

async function syncClaim(context: ControllerContext, key: string): Promise<void> {
  const { client, events } = context;
  const { namespace, name } = splitKey(key);
  const claim = client.get(persistentVolumeClaims, name, namespace);
  if (!claim || claim.status?.phase === 'Bound' || isTerminating(claim)) return;
  const storageClass = classOf(client, claim);
  const className = claim.spec.storageClassName ?? storageClass?.metadata.name ?? '';
  const volume = findVolume(client, claim, className);
  if (volume) {
    await bind(context, claim, { volume, className });
    return;
  }
  if (!storageClass) {
    const isNamed = className !== '';
    const message = isNamed
      ? `storageclass.storage.k8s.io "${className}" not found`
      : 'no persistent volumes available for this claim and no storage class is set';
    const reason = isNamed ? 'ProvisioningFailed' : 'FailedBinding';
    events.record(claim, { type: isNamed ? 'Warning' : 'Normal', reason, message });
    return;
  }
  const created = await provision(context, claim, storageClass);
  await bind(context, claim, { volume: created, className });
}

function classOf(client: ClusterClient, { spec }: PersistentVolumeClaim): StorageClass | undefined {
  if (spec.storageClassName !== undefined) {
    return client.get(storageClasses, spec.storageClassName);
  }
  return client
    .list(storageClasses)
    .find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
}

/** The smallest free volume of the class that is big enough and can be used as asked. */
function findVolume(
  client: ClusterClient,
  claim: PersistentVolumeClaim,
  className: string,
): PersistentVolume | undefined {
  const { volumeName, accessModes = [], resources, volumeMode = 'Filesystem' } = claim.spec;
  const size = resources?.requests?.['storage'] ?? '0';
  const all = client.list(persistentVolumes).filter((volume) => !isTerminating(volume));
  const isFree = ({ spec }: PersistentVolume) =>
    !spec.claimRef ||
    (spec.claimRef.name === claim.metadata.name &&
      spec.claimRef.namespace === namespaceOf(claim) &&
      (spec.claimRef.uid === undefined || spec.claimRef.uid === claim.metadata.uid));
  if (volumeName !== undefined && volumeName !== '') {
    return all.find((volume) => volume.metadata.name === volumeName && isFree(volume));
  }
  const fitting = all.filter(
    (volume) =>
      isFree(volume) &&
      (volume.spec.storageClassName ?? '') === className &&
      (volume.spec.volumeMode ?? 'Filesystem') === volumeMode &&
      accessModes.every((mode) => volume.spec.accessModes?.includes(mode)) &&
      compareQuantities(sizeOf(volume), size) >= 0,
  );
  const meant = fitting.find(({ spec }) => spec.claimRef);
  return meant ?? fitting.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))[0];
}

function sizeOf({ spec }: PersistentVolume): string {
  return spec.capacity?.['storage'] ?? '0';
}

async function provision(
  { client, events }: ControllerContext,
  claim: PersistentVolumeClaim,
  { provisioner, reclaimPolicy = 'Delete', metadata }: StorageClass,
): Promise<PersistentVolume> {
  const { accessModes = [], resources, volumeMode = 'Filesystem' } = claim.spec;
  const namespace = namespaceOf(claim);
  const name = `pvc-${claim.metadata.uid}`;
  const path = `/opt/local-path-provisioner/${name}_${namespace}_${claim.metadata.name}`;
  const created = await client.create(persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      accessModes,
      claimRef: referenceTo(claim),
      hostPath: { path, type: 'DirectoryOrCreate' },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: metadata.name,
      volumeMode,
    },
  });
  const message = `Successfully provisioned volume ${name}`;
  events.record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message });
  return created;
}

async function bind(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  { volume, className }: { readonly volume: PersistentVolume; readonly className: string },
): Promise<void> {
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
    const spec = { ...volume.spec, claimRef: referenceTo(claim) };
    await client.update(persistentVolumes, { ...volume, spec });
  }
  const annotations = {
    ...claim.metadata.annotations,
    [BIND_COMPLETED]: 'yes',
    [BOUND_BY_CONTROLLER]: 'yes',
  };
  const { name } = volume.metadata;
  const bound = await client.update(persistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName: name, storageClassName: className },
  });
  const { accessModes = [], capacity = {} } = volume.spec;
  const status = { phase: 'Bound', accessModes, capacity };
  await client.update(persistentVolumeClaims, { ...bound, status }, { subresource: 'status' });
}

/** A volume's phase follows its claim; without one it is deleted or kept, as its policy says. */
async function syncVolume({ client }: ControllerContext, key: string): Promise<void> {
  const volume = client.get(persistentVolumes, splitKey(key).name);
  if (!volume || isTerminating(volume)) return;
  const phase = phaseOf(client, volume);
  if (phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete') {
    await client.delete(persistentVolumes, targetOf(volume), { uid: volume.metadata.uid });
    return;
  }
  if (phase === volume.status?.phase) return;
  const status = { ...volume.status, phase };
  await client.update(persistentVolumes, { ...volume, status }, { subresource: 'status' });
}

function phaseOf(client: ClusterClient, { spec }: PersistentVolume) {
  const { name = '', namespace, uid } = spec.claimRef ?? {};
  // A reference without a uid only reserves the volume for a claim to come.
  if (uid === undefined) return 'Available';
  const claim = client.get(persistentVolumeClaims, name, namespace);
  return claim?.metadata.uid === uid ? 'Bound' : 'Released';
}
