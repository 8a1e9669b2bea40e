import { defaultCsiDriver, defaultStorageClass } from '../defaults/storage.ts';
import { kindsOf } from '../define.ts';
import { at, listAt, stringAt, textsAt } from '../json.ts';
import type { Column } from '../kind.ts';
/** storage.k8s.io/v1. */
import { ageColumn, column, integerColumn, nameColumn, textAt, textOr } from '../tables/columns.ts';
import { validateStorageClass } from '../validation/storage.ts';

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

export const storage = kindsOf('storage.k8s.io/v1', 'io.k8s.api.storage.v1', [
  {
    kind: 'CSIDriver',
    plural: 'csidrivers',
    isNamespaced: false,
    columns: [
      nameColumn,
      flagColumn('AttachRequired', 'attachRequired', true),
      flagColumn('PodInfoOnMount', 'podInfoOnMount'),
      flagColumn('StorageCapacity', 'storageCapacity'),
      column('TokenRequests', 'Audiences of the tokens it wants', (driver) => {
        const audiences = listAt(driver, 'spec', 'tokenRequests').map((one) =>
          stringAt(one, 'audience'),
        );
        return audiences.length === 0 ? '<unset>' : audiences.join(',');
      }),
      flagColumn('RequiresRepublish', 'requiresRepublish'),
      column('Modes', 'Volume lifecycles it supports', (driver) => {
        const modes = textsAt(driver, 'spec', 'volumeLifecycleModes');
        return modes.length === 0 ? '<none>' : modes.join(',');
      }),
      ageColumn,
    ],
    applyDefaults: defaultCsiDriver,
  },
  {
    kind: 'CSINode',
    plural: 'csinodes',
    isNamespaced: false,
    columns: [
      nameColumn,
      integerColumn(
        'Drivers',
        'Number of drivers on the node',
        (node) => listAt(node, 'spec', 'drivers').length,
      ),
      ageColumn,
    ],
  },
  {
    kind: 'CSIStorageCapacity',
    plural: 'csistoragecapacities',
    columns: [
      nameColumn,
      column('StorageClassName', 'Class of storage', textAt('storageClassName')),
      column('Capacity', 'What is free', textOr('<unset>', 'capacity')),
    ],
  },
  {
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    isNamespaced: false,
    columns: [
      defaultableName(IS_DEFAULT, 'storageclass.beta.kubernetes.io/is-default-class'),
      column('Provisioner', 'What makes the volumes', textAt('provisioner')),
      column(
        'ReclaimPolicy',
        'What happens to a volume whose claim is gone',
        textOr('Delete', 'reclaimPolicy'),
      ),
      column(
        'VolumeBindingMode',
        'When a claim gets its volume',
        textOr('Immediate', 'volumeBindingMode'),
      ),
      column(
        'AllowVolumeExpansion',
        'Whether claims may grow',
        (storageClass) => at(storageClass, 'allowVolumeExpansion') === true,
      ),
      ageColumn,
    ],
    applyDefaults: defaultStorageClass,
    validate: validateStorageClass,
  },
  {
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      column('Attacher', 'Driver that attaches', textAt('spec', 'attacher')),
      column('PV', 'Volume', textAt('spec', 'source', 'persistentVolumeName')),
      column('Node', 'Node', textAt('spec', 'nodeName')),
      {
        ...column(
          'Attached',
          'Whether it is attached',
          (attachment) => at(attachment, 'status', 'attached') === true,
        ),
        type: 'boolean',
      },
      ageColumn,
    ],
  },
  {
    kind: 'VolumeAttributesClass',
    plural: 'volumeattributesclasses',
    shortNames: ['vac'],
    isNamespaced: false,
    columns: [
      defaultableName('volumeattributesclass.alpha.kubernetes.io/is-default-class'),
      column('DriverName', 'Driver', textAt('driverName')),
      ageColumn,
    ],
  },
]);

/** A name, marked when one of the annotations says that the class is taken where none is named. */
function defaultableName(...annotations: readonly string[]): Column {
  return {
    ...nameColumn,
    cell: ({ metadata }) =>
      annotations.some((key) => metadata.annotations?.[key] === 'true')
        ? `${metadata.name} (default)`
        : metadata.name,
  };
}

function flagColumn(name: string, field: string, otherwise = false): Column {
  return {
    ...column(name, `The driver's ${field}`, (driver) => at(driver, 'spec', field) ?? otherwise),
    type: 'boolean',
  };
}
