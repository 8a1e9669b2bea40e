/** What upstream demands of claims, volumes and classes of storage. */
import { asText, isObject, isSame, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { compareQuantities, isQuantity } from '../values/quantity.ts';
import { forbidden, invalid, invalids, notSupported, required } from './fields/field-errors.ts';
import { expressionErrors } from './fields/label-selectors.ts';
import { subdomainProblems } from './fields/names.ts';
import { nodeSelectorErrors } from './pods/placement.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

export function validateClaim(
  claim: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(claim, 'spec');
  const storage = objectAt(spec, 'resources', 'requests')['storage'];
  return [
    ...accessModeErrors(spec, 'at least 1 access mode is required'),
    ...expressionErrors(spec['selector'], 'spec.selector'),
    ...(isUnset(storage)
      ? [required('spec.resources[storage]')]
      : sizeErrors(storage, 'spec.resources[storage]')),
    ...classErrors(spec),
    ...modeErrors(spec),
    ...(old ? claimChange(spec, old) : []),
  ];
}

function claimChange(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = objectAt(old, 'spec');
  const size = objectAt(spec, 'resources', 'requests')['storage'];
  const oldSize = objectAt(before, 'resources', 'requests')['storage'];
  const isSmaller = isAmount(size) && isAmount(oldSize) && compareQuantities(size, oldSize) < 0;
  if (!isSame(fixedPart(spec), fixedPart(before))) {
    return [
      forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ];
  }
  return isSmaller
    ? [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
    : [];
}

export function validateVolume(
  volume: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(volume, 'spec');
  const capacity = objectAt(spec, 'capacity');
  const policy = stringAt(spec, 'persistentVolumeReclaimPolicy');
  const needed = spec['nodeAffinity'];
  const storage = capacity['storage'];
  return [
    ...accessModeErrors(spec, ''),
    ...(Object.keys(capacity).length === 0 ? [required('spec.capacity')] : []),
    ...(Object.keys(capacity).length > 0 && (isUnset(storage) || Object.keys(capacity).length > 1)
      ? [notSupported('spec.capacity', capacity, ['storage'])]
      : []),
    ...(isUnset(storage) ? [] : sizeErrors(storage, 'spec.capacity[storage]')),
    ...(RECLAIM_POLICIES.includes(policy)
      ? []
      : [notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES)]),
    ...(isObject(needed) && isObject(needed['required'])
      ? nodeSelectorErrors(needed['required'], 'spec.nodeAffinity.required')
      : []),
    ...sourceErrors(spec),
    ...classErrors(spec),
    ...modeErrors(spec),
    ...(old && !isSame(sourcesOf(spec), sourcesOf(objectAt(old, 'spec')))
      ? [
          forbidden(
            'spec.persistentvolumesource',
            'spec.persistentvolumesource is immutable after creation',
          ),
        ]
      : []),
  ];
}

/** Fields of a volume's spec that are no source of it. */
const NO_SOURCES = new Set(['capacity', 'claimRef', 'nodeAffinity']);

function sourcesOf(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([key, value]) => isObject(value) && !NO_SOURCES.has(key)),
  );
}

function sourceErrors(spec: JsonObject): readonly FieldError[] {
  const [first, ...others] = Object.keys(sourcesOf(spec));
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const path = stringAt(spec, 'hostPath', 'path');
  return [
    ...others.map((key) => forbidden(`spec.${key}`, 'may not specify more than 1 volume type')),
    ...(first === 'hostPath' && path === '' ? [required('spec.hostPath.path')] : []),
    ...(first === 'hostPath' && path === '/' && spec['persistentVolumeReclaimPolicy'] === 'Recycle'
      ? [
          forbidden(
            'spec.persistentVolumeReclaimPolicy',
            "may not be 'recycle' for a hostPath mount of '/'",
          ),
        ]
      : []),
  ];
}

const CLASS_FIELDS = ['parameters', 'provisioner', 'reclaimPolicy'] as const;
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

export function validateStorageClass(
  storageClass: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const mode = stringAt(storageClass, 'volumeBindingMode');
  const policy = stringAt(storageClass, 'reclaimPolicy');
  const changed = (key: string) => old !== undefined && !isSame(storageClass[key], old[key]);
  return [
    ...(stringAt(storageClass, 'provisioner') === '' ? [required('provisioner')] : []),
    ...(policy === 'Delete' || policy === 'Retain'
      ? []
      : [notSupported('reclaimPolicy', policy, ['Delete', 'Retain'])]),
    ...(BINDING_MODES.includes(mode)
      ? []
      : [notSupported('volumeBindingMode', mode, BINDING_MODES)]),
    ...CLASS_FIELDS.filter(changed).map((key) =>
      forbidden(key, `updates to ${key} are forbidden.`),
    ),
    ...(changed('volumeBindingMode')
      ? [invalid('volumeBindingMode', mode, 'field is immutable')]
      : []),
  ];
}

function accessModeErrors(spec: JsonObject, detail: string): readonly FieldError[] {
  const modes = listAt(spec, 'accessModes').map(asText);
  if (modes.length === 0) return [required('spec.accessModes', detail)];
  const isAlone = modes.length === 1 || !modes.includes('ReadWriteOncePod');
  return [
    ...modes
      .filter((mode) => !ACCESS_MODES.includes(mode))
      .map((mode) => notSupported('spec.accessModes', mode, ACCESS_MODES)),
    ...(isAlone
      ? []
      : [forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')]),
  ];
}

function sizeErrors(size: Json, field: string): readonly FieldError[] {
  return isAmount(size) && compareQuantities(size, '0') <= 0
    ? [invalid(field, asText(size), 'must be greater than zero')]
    : [];
}

function isAmount(value: Json | undefined): value is string | number {
  return (typeof value === 'string' || typeof value === 'number') && isQuantity(asText(value));
}

function classErrors(spec: JsonObject): readonly FieldError[] {
  const name = stringAt(spec, 'storageClassName');
  return name === '' ? [] : invalids('spec.storageClassName', name, subdomainProblems(name));
}

function modeErrors(spec: JsonObject): readonly FieldError[] {
  const mode = stringAt(spec, 'volumeMode');
  return VOLUME_MODES.includes(mode) ? [] : [notSupported('spec.volumeMode', mode, VOLUME_MODES)];
}

function fixedPart(spec: JsonObject): JsonObject {
  const {
    resources: _resources,
    volumeAttributesClassName: _class,
    // The binder fills these in.
    volumeName: _volume,
    storageClassName: _storage,
    ...rest
  } = spec;
  return rest;
}
