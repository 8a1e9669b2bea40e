import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kinds/types/core.ts';
import { compareQuantities } from '../../kinds/values/quantity.ts';
import { namespaceOf } from '../controller.ts';
import { isTerminating } from '../pods.ts';

/** Whether the claim could have the volume: it is free or kept for the claim, and is what the claim asks for. */
export function isAdmissibleVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): boolean {
  return (
    !isTerminating(volume) &&
    isFreeFor(volume, claim) &&
    mismatchOf(volume, claim) === undefined &&
    matchesSelector(claim.spec.selector ?? {}, volume.metadata.labels)
  );
}

/** Whether nobody else has the volume. */
export function isFreeFor({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  return !claimRef || isReferenceTo(claimRef, claim);
}

/** Whether a volume's reference names the claim, or a claim of that name that is yet to come. */
function isReferenceTo(
  reference: NonNullable<PersistentVolume['spec']['claimRef']>,
  claim: PersistentVolumeClaim,
): boolean {
  return (
    reference.name === claim.metadata.name &&
    reference.namespace === namespaceOf(claim) &&
    (reference.uid === undefined || reference.uid === claim.metadata.uid)
  );
}

/** In upstream's words what the volume has not got that the claim asks for. */
export function mismatchOf(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): string | undefined {
  const { accessModes = [], resources, volumeMode = 'Filesystem' } = claim.spec;
  const wanted = resources?.requests?.['storage'] ?? '0';
  if (compareQuantities(sizeOf(volume), wanted) < 0) return 'requested PV is too small';
  if ((volume.spec.storageClassName ?? '') !== (claim.spec.storageClassName ?? '')) {
    return 'storageClassName does not match';
  }
  if ((volume.spec.volumeMode ?? 'Filesystem') !== volumeMode) return 'incompatible volumeMode';
  const hasModes = accessModes.every((mode) => volume.spec.accessModes?.includes(mode));
  return hasModes ? undefined : 'incompatible accessMode';
}

/** The volume kept for the claim or, if any will do, the smallest that fits. */
export function bestVolume(
  all: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  { onlyReserved }: { readonly onlyReserved: boolean },
): PersistentVolume | undefined {
  const fitting = all.filter((volume) => isAdmissibleVolume(volume, claim));
  const reserved = fitting.find(({ spec }) => spec.claimRef);
  if (reserved || onlyReserved) return reserved;
  return fitting.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))[0];
}

export function sizeOf({ spec }: PersistentVolume): string {
  return spec.capacity?.['storage'] ?? '0';
}
