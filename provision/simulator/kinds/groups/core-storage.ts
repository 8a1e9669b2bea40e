/** Volumes and claims of the core group. */
import { accessModes, storagePhase } from '../cells/cluster.ts';
import { defaultClaim, defaultVolume } from '../defaults/storage.ts';
import type { KindDefinition } from '../define.ts';
import { listAt, objectAt, stringAt } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { ageColumn, column, nameColumn, textAt, textOr, wideColumn } from '../tables/columns.ts';
import { validateClaim, validateVolume } from '../validation/storage.ts';

export const coreStorage: readonly KindDefinition[] = [
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      column('Capacity', 'Size of the volume', textOr('0', 'spec', 'capacity', 'storage')),
      column('Access Modes', 'How it may be mounted', (volume) =>
        accessModes(listAt(volume, 'spec', 'accessModes')),
      ),
      column(
        'Reclaim Policy',
        'What happens to it when its claim is gone',
        textAt('spec', 'persistentVolumeReclaimPolicy'),
      ),
      column('Status', 'Whether it is claimed', storagePhase),
      column('Claim', 'Claim it is bound to', (volume) => {
        const claim = objectAt(volume, 'spec', 'claimRef');
        if (Object.keys(claim).length === 0) return '';
        return `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}`;
      }),
      column('StorageClass', 'Class of storage', storageClassName),
      column(
        'VolumeAttributesClass',
        'Class of attributes',
        textOr('<unset>', 'spec', 'volumeAttributesClassName'),
      ),
      column('Reason', 'Why it is in this state', textAt('status', 'reason')),
      ageColumn,
      wideColumn(
        'VolumeMode',
        'File system or block device',
        textOr('<unset>', 'spec', 'volumeMode'),
      ),
    ],
    applyDefaults: defaultVolume,
    validate: validateVolume,
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    hasStatus: true,
    columns: [
      nameColumn,
      column('Status', 'Whether it is bound to a volume', storagePhase),
      column('Volume', 'Volume it is bound to', textAt('spec', 'volumeName')),
      column('Capacity', 'Size of the bound volume', (claim) =>
        stringAt(claim, 'spec', 'volumeName') === ''
          ? ''
          : stringAt(claim, 'status', 'capacity', 'storage') || '0',
      ),
      column('Access Modes', 'How the bound volume may be mounted', (claim) =>
        stringAt(claim, 'spec', 'volumeName') === ''
          ? ''
          : accessModes(listAt(claim, 'status', 'accessModes')),
      ),
      column('StorageClass', 'Class of storage', storageClassName),
      column(
        'VolumeAttributesClass',
        'Class of attributes',
        textOr('<unset>', 'spec', 'volumeAttributesClassName'),
      ),
      ageColumn,
      wideColumn(
        'VolumeMode',
        'File system or block device',
        textOr('<unset>', 'spec', 'volumeMode'),
      ),
    ],
    applyDefaults: defaultClaim,
    validate: validateClaim,
  },
];

/** The class of a volume or claim; the annotation of old goes before the field. */
function storageClassName(object: KubeObject): string {
  const annotated = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return annotated ?? stringAt(object, 'spec', 'storageClassName');
}
