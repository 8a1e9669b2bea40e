/** Defaults of volumes, claims and storage classes. */
import { changeField, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

export function defaultClaim(claim: JsonObject): JsonObject {
  const complete = withDefaults(claim, { metadata: {}, status: {} });
  const moded = changeField(complete, 'spec', (spec) =>
    withDefaults(spec, { resources: {}, volumeMode: 'Filesystem' }),
  );
  return changeField(moded, 'status', (status) => withDefaults(status, { phase: 'Pending' }));
}

export function defaultVolume(volume: JsonObject): JsonObject {
  const complete = withDefaults(volume, { status: {} });
  const moded = changeField(complete, 'spec', (spec) => {
    const typed = changeField(spec, 'hostPath', (path) => withDefaults(path, { type: '' }));
    return withDefaults(typed, {
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
    });
  });
  return changeField(moded, 'status', (status) => withDefaults(status, { phase: 'Pending' }));
}

export function defaultStorageClass(storageClass: JsonObject): JsonObject {
  return withDefaults(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
}

export function defaultCsiDriver(driver: JsonObject): JsonObject {
  return changeField(driver, 'spec', (spec) =>
    withDefaults(spec, {
      attachRequired: true,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      podInfoOnMount: false,
      requiresRepublish: false,
      seLinuxMount: false,
      storageCapacity: false,
      volumeLifecycleModes: ['Persistent'],
    }),
  );
}
