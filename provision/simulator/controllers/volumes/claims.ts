/** Claims and their volumes (upstream: pv_controller.go, syncClaim). */
import type { ClusterClient } from '../../client/client.ts';
import { isObject, stringAt } from '../../kinds/json.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../kinds/types/core.ts';
import type { StorageClass } from '../../kinds/types/policy.ts';
import type { ControllerContext } from '../controller.ts';
import { namespaceOf, splitKey, targetOf } from '../controller.ts';
import { type Happening, referenceTo } from '../events.ts';
import { isFinished, isTerminating } from '../pods.ts';
import { LOCAL_PATH, provisionLocalPath, SELECTED_NODE } from './local-path.ts';
import { bestVolume, isFreeFor, mismatchOf, sizeOf } from './matching.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const PROVISIONERS = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];

export async function syncClaim(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = context.client.get(persistentVolumeClaims, name, namespace);
  if (!claim) return;
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) {
    await syncBound(context, claim);
    return;
  }
  if (isTerminating(claim)) return;
  const classed = await withDefaultClass(context.client, claim);
  await syncUnbound(context, classed);
  await becomePending(context, classed);
}

/** A claim made before there was a default class gets it later. */
async function withDefaultClass(
  client: ClusterClient,
  claim: PersistentVolumeClaim,
): Promise<PersistentVolumeClaim> {
  if (claim.spec.storageClassName !== undefined) return claim;
  const known = client
    .list(storageClasses)
    .find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
  if (!known) return claim;
  const { name, namespace = 'default', uid } = claim.metadata;
  const spec = { storageClassName: known.metadata.name };
  return client.patch(persistentVolumeClaims, { name, namespace }, { metadata: { uid }, spec });
}

async function becomePending(
  { client }: ControllerContext,
  { metadata }: PersistentVolumeClaim,
): Promise<void> {
  const claim = client.get(persistentVolumeClaims, metadata.name, metadata.namespace);
  if (claim?.metadata.uid !== metadata.uid || claim.status?.phase !== undefined) return;
  await writeStatus(client, claim, { phase: 'Pending' });
}

async function syncBound(context: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  const { client } = context;
  const { volumeName } = claim.spec;
  const volume = volumeName ? client.get(persistentVolumes, volumeName) : undefined;
  if (!volume) {
    const message = volumeName
      ? 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
      : 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
    await loseVolume(context, claim, { type: 'Warning', reason: 'ClaimLost', message });
    return;
  }
  if (!isFreeFor(volume, claim)) {
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
    await loseVolume(context, claim, { type: 'Warning', reason: 'ClaimMisbound', message });
    return;
  }
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) await reserve(client, volume, claim);
  await writeBound(client, claim, volume);
}

async function loseVolume(
  { client, events }: ControllerContext,
  claim: PersistentVolumeClaim,
  happening: Happening,
): Promise<void> {
  if (claim.status?.phase === 'Lost') return;
  const { capacity: _capacity, accessModes: _modes, ...rest } = claim.status ?? {};
  await writeStatus(client, claim, { ...rest, phase: 'Lost' });
  events.record(claim, happening);
}

async function syncUnbound(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
): Promise<void> {
  if (claim.spec.volumeName) {
    await bindNamed(context, claim, claim.spec.volumeName);
    return;
  }
  const { client, events } = context;
  const className = claim.spec.storageClassName ?? '';
  const storageClass = client.get(storageClasses, className);
  const isSelected = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const all = client.list(persistentVolumes);
  const volume = bestVolume(all, claim, { onlyReserved: isDelayed && !isSelected });
  if (volume) await bind(context, claim, volume);
  else if (isDelayed && !isSelected) tellOfDelay(context, claim);
  else if (className !== '') await provision(context, claim, storageClass);
  else {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    events.record(claim, { type: 'Normal', reason: 'FailedBinding', message });
  }
}

/** The claim names its volume. */
async function bindNamed(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  volumeName: string,
): Promise<void> {
  const { client, events } = context;
  const volume = client.get(persistentVolumes, volumeName);
  if (!volume) return;
  if (!isFreeFor(volume, claim)) {
    const message = `volume "${volumeName}" already bound to a different claim.`;
    events.record(claim, { type: 'Warning', reason: 'FailedBinding', message });
    return;
  }
  const mismatch = volume.spec.claimRef ? undefined : mismatchOf(volume, claim);
  if (mismatch === undefined) {
    await bind(context, claim, volume);
    return;
  }
  const message = `Cannot bind to requested volume "${volumeName}": ${mismatch}`;
  events.record(claim, { type: 'Warning', reason: 'VolumeMismatch', message });
}

function tellOfDelay({ client, events }: ControllerContext, claim: PersistentVolumeClaim): void {
  const waiting = client
    .list(pods, { namespace: namespaceOf(claim) })
    .filter((pod) => !pod.spec.nodeName && !isFinished(pod) && mounts(pod, claim));
  const names = waiting.map(({ metadata }) => metadata.name).toSorted();
  events.record(
    claim,
    names.length === 0
      ? {
          type: 'Normal',
          reason: 'WaitForFirstConsumer',
          message: 'waiting for first consumer to be created before binding',
        }
      : {
          type: 'Normal',
          reason: 'WaitForPodScheduled',
          message: `waiting for pod ${names.join(',')} to be scheduled`,
        },
  );
}

/** Whether the pod mounts the claim. */
export function mounts({ metadata, spec }: Pod, claim: PersistentVolumeClaim): boolean {
  if (metadata.namespace !== claim.metadata.namespace) return false;
  return (spec.volumes ?? []).some(({ name, persistentVolumeClaim, ephemeral }) => {
    if (isObject(ephemeral)) return `${metadata.name}-${name}` === claim.metadata.name;
    return stringAt(persistentVolumeClaim, 'claimName') === claim.metadata.name;
  });
}

async function provision(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): Promise<void> {
  const { client, events } = context;
  const fail = (message: string) =>
    events.record(claim, { type: 'Warning', reason: 'ProvisioningFailed', message });
  if (!storageClass) {
    fail(`storageclass.storage.k8s.io "${claim.spec.storageClassName}" not found`);
    return;
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/')) {
    fail(`no volume plugin matched name: ${provisioner}`);
    return;
  }
  const marks = Object.fromEntries(PROVISIONERS.map((key) => [key, provisioner]));
  const marked = await client.patch(persistentVolumeClaims, targetOf(claim), {
    metadata: { uid: claim.metadata.uid, annotations: marks },
  });
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. ` +
    'If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  events.record(claim, { type: 'Normal', reason: 'ExternalProvisioning', message });
  if (provisioner !== LOCAL_PATH) return;
  const volume = await provisionLocalPath(context, marked, storageClass);
  if (volume) await bind(context, marked, volume);
}

async function bind(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<void> {
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) await reserve(client, volume, claim);
  const { name, namespace = 'default', uid } = claim.metadata;
  const isChosen = claim.spec.volumeName === volume.metadata.name;
  const annotations = {
    [BIND_COMPLETED]: 'yes',
    ...(!isChosen && { [BOUND_BY_CONTROLLER]: 'yes' }),
  };
  const bound = await client.patch(
    persistentVolumeClaims,
    { name, namespace },
    { metadata: { uid, annotations }, spec: { volumeName: volume.metadata.name } },
  );
  await writeBound(client, bound, volume);
}

async function reserve(
  client: ClusterClient,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  const isReserved = volume.spec.claimRef !== undefined;
  const annotations = isReserved ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
  const { uid } = volume.metadata;
  await client.patch(persistentVolumes, targetOf(volume), {
    metadata: { uid, annotations },
    spec: { claimRef: { ...referenceTo(claim) } },
  });
}

/** Says that the claim has its volume, and what it has by it. */
async function writeBound(
  client: ClusterClient,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<void> {
  if (claim.status?.phase === 'Bound') return;
  const { accessModes = [] } = volume.spec;
  const capacity = { storage: sizeOf(volume) };
  await writeStatus(client, claim, { ...claim.status, phase: 'Bound', accessModes, capacity });
}

async function writeStatus(
  client: ClusterClient,
  { metadata }: PersistentVolumeClaim,
  status: NonNullable<PersistentVolumeClaim['status']>,
): Promise<void> {
  const claim = client.get(persistentVolumeClaims, metadata.name, metadata.namespace);
  if (claim?.metadata.uid !== metadata.uid) return;
  await client.update(persistentVolumeClaims, { ...claim, status }, { subresource: 'status' });
}

/**
 * Gives a bound claim that asks for more the bigger volume, if its class lets volumes grow: a folder has no size
 * of its own (Kubernetes documentation, "Persistent Volumes": expanding claims).
 */
export async function expandClaim(context: ControllerContext, key: string): Promise<void> {
  const { client, events } = context;
  const { namespace, name } = splitKey(key);
  const claim = client.get(persistentVolumeClaims, name, namespace);
  const volume = claim?.spec.volumeName && client.get(persistentVolumes, claim.spec.volumeName);
  if (!claim || !volume || claim.status?.phase !== 'Bound') return;
  const wanted = claim.spec.resources?.requests?.['storage'];
  if (wanted === undefined || mismatchOf(volume, claim) !== 'requested PV is too small') return;
  const capacity = { ...volume.spec.capacity, storage: wanted };
  await client.patch(persistentVolumes, targetOf(volume), { spec: { capacity } });
  const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}"`;
  events.record(claim, { type: 'Normal', reason: 'FileSystemResizeSuccessful', message });
  await writeStatus(client, claim, { ...claim.status, capacity: { storage: wanted } });
}
