/** The local-path provisioner that learning clusters have: folders of a node as volumes. */
import { persistentVolumes } from '../../kinds/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kinds/types/core.ts';
import type { StorageClass } from '../../kinds/types/policy.ts';
import type { ControllerContext } from '../controller.ts';
import { namespaceOf } from '../controller.ts';
import { referenceTo } from '../events.ts';

export const LOCAL_PATH = 'rancher.io/local-path';
/** Set by the scheduler: the node on which a claim is to have its volume. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const ROOT = '/opt/local-path-provisioner';
const MODES = ['ReadWriteOnce', 'ReadWriteOncePod'];

/** Makes the volume of a claim, or says in an event why not. */
export async function provisionLocalPath(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
): Promise<PersistentVolume | undefined> {
  const { client, events } = context;
  const component = LOCAL_PATH;
  const place = `${namespaceOf(claim)}/${claim.metadata.name}`;
  events.record(claim, {
    type: 'Normal',
    component,
    reason: 'Provisioning',
    message: `External provisioner is provisioning volume for claim "${place}"`,
  });
  const problem = problemOf(claim);
  if (problem !== undefined) {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${problem}`;
    events.record(claim, { type: 'Warning', component, reason: 'ProvisioningFailed', message });
    return undefined;
  }
  const volume = await client.create(persistentVolumes, newVolume(claim, storageClass));
  events.record(claim, {
    type: 'Normal',
    component,
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${volume.metadata.name}`,
  });
  return volume;
}

function problemOf({ metadata, spec }: PersistentVolumeClaim): string | undefined {
  if (spec.selector) return 'claim.Spec.Selector is not supported';
  const isOneNode = (spec.accessModes ?? []).every((mode) => MODES.includes(mode));
  if (!isOneNode) {
    return 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes';
  }
  const hasNode = metadata.annotations?.[SELECTED_NODE] !== undefined;
  return hasNode ? undefined : 'configuration error, no node was specified';
}

function newVolume(
  claim: PersistentVolumeClaim,
  { reclaimPolicy = 'Delete', metadata }: StorageClass,
) {
  const { accessModes = [], resources, volumeMode = 'Filesystem' } = claim.spec;
  const node = claim.metadata.annotations?.[SELECTED_NODE] ?? '';
  const name = `pvc-${claim.metadata.uid}`;
  const path = `${ROOT}/${name}_${namespaceOf(claim)}_${claim.metadata.name}`;
  const isHere = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'local.path.provisioner/selected-node': node,
        'pv.kubernetes.io/provisioned-by': LOCAL_PATH,
      },
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      accessModes,
      claimRef: referenceTo(claim),
      hostPath: { path, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [isHere] }] } },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: metadata.name,
      volumeMode,
    },
  };
}
