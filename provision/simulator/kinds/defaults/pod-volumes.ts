/** What the API server fills into the volumes of pods (Kubernetes, pkg/apis/core/v1/defaults.go). */
import { changeField, changeItems, isObject, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

export function defaultFieldRef(fieldRef: JsonObject): JsonObject {
  return withDefaults(fieldRef, { apiVersion: 'v1' });
}

/** Go writes the quantity that a reference is divided by even when nobody has set it. */
export function defaultResourceRef(resourceRef: JsonObject): JsonObject {
  return withDefaults(resourceRef, { divisor: '0' });
}

/** 0644: files of volumes made from objects. */
const FILE_MODE = 420;

/** A volume that names no source is an empty folder. */
export function defaultVolume(volume: JsonObject): JsonObject {
  const hasSource = Object.entries(volume).some(
    ([key, value]) => key !== 'name' && isObject(value),
  );
  if (!hasSource) return { ...volume, emptyDir: {} };
  return Object.entries(SOURCES).reduce(
    (one, [key, change]) => changeField(one, key, change),
    volume,
  );
}

const SOURCES: Readonly<Record<string, (source: JsonObject) => JsonObject>> = {
  configMap: moded,
  secret: moded,
  downwardAPI: (source) => defaultDownwardItems(moded(source)),
  projected: (source) => changeItems(moded(source), 'sources', defaultProjection),
  hostPath: (source) => withDefaults(source, { type: '' }),
  ephemeral: (source) => changeField(source, 'volumeClaimTemplate', defaultClaimTemplate),
  iscsi: (source) => withDefaults(source, { iscsiInterface: 'default' }),
  rbd: (source) =>
    withDefaults(source, { keyring: '/etc/ceph/keyring', pool: 'rbd', user: 'admin' }),
  azureDisk: (source) =>
    withDefaults(source, {
      cachingMode: 'ReadWrite',
      fsType: 'ext4',
      kind: 'Shared',
      readOnly: false,
    }),
  scaleIO: (source) => withDefaults(source, { fsType: 'xfs', storageMode: 'ThinProvisioned' }),
};

function moded(source: JsonObject): JsonObject {
  return withDefaults(source, { defaultMode: FILE_MODE });
}

function defaultProjection(projection: JsonObject): JsonObject {
  return changeField(
    changeField(projection, 'downwardAPI', defaultDownwardItems),
    'serviceAccountToken',
    (token) => withDefaults(token, { expirationSeconds: 3600 }),
  );
}

function defaultDownwardItems(source: JsonObject): JsonObject {
  return changeItems(source, 'items', (item) =>
    changeField(
      changeField(item, 'fieldRef', defaultFieldRef),
      'resourceFieldRef',
      defaultResourceRef,
    ),
  );
}

function defaultClaimTemplate(template: JsonObject): JsonObject {
  return changeField(withDefaults(template, { metadata: {} }), 'spec', (spec) =>
    withDefaults(spec, { resources: {}, volumeMode: 'Filesystem' }),
  );
}
