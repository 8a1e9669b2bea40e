/** Claims of StatefulSets (Kubernetes documentation, "StatefulSets": PersistentVolumeClaim retention). */
import type { KubeObject, OwnerReference } from '../../kinds/object.ts';
import { persistentVolumeClaims } from '../../kinds/resources.ts';
import type { StatefulSet } from '../../kinds/types/apps.ts';
import type { PersistentVolumeClaim, Pod } from '../../kinds/types/core.ts';
import type { ControllerContext } from '../controller.ts';
import { namespaceOf } from '../controller.ts';
import { controllerReference, writeOwners } from '../owners.ts';
import { claimName, ordinalOf, ordinalsOf, podName } from './stateful-pods.ts';

/** Makes the claims of an ordinal that are not there yet. */
export async function createClaims(
  { client, events }: ControllerContext,
  set: StatefulSet,
  ordinal: number,
): Promise<void> {
  const namespace = namespaceOf(set);
  for (const { metadata, spec } of set.spec.volumeClaimTemplates ?? []) {
    const name = claimName(set, metadata.name, ordinal);
    if (client.get(persistentVolumeClaims, name, namespace)) continue;
    const labels = { ...metadata.labels, ...set.spec.selector.matchLabels };
    const goesWithSet = policyOf(set).whenDeleted === 'Delete';
    await client.create(persistentVolumeClaims, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        labels,
        ...(metadata.annotations && { annotations: metadata.annotations }),
        ...(goesWithSet && { ownerReferences: [controllerReference(set)] }),
      },
      spec,
    });
    const message = `create Claim ${name} Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name} success`;
    events.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message });
  }
}

function policyOf({ spec }: StatefulSet) {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } =
    spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenDeleted, whenScaled };
}

/** Lets the claims of the wanted ordinals go with the set, or stay, as its policy says now. */
export async function ownClaims(context: ControllerContext, set: StatefulSet): Promise<void> {
  const isOwner = policyOf(set).whenDeleted === 'Delete';
  for (const ordinal of ordinalsOf(set)) {
    for (const claim of claimsOf(context, set, ordinal)) {
      // Of pods only those that are given up are owners.
      const others = ownersBut(
        claim,
        ({ uid, kind }) => uid === set.metadata.uid || kind === 'Pod',
      );
      const owners = isOwner ? [...others, controllerReference(set)] : others;
      await write(context, claim, owners);
    }
  }
}

/** Lets the claims of a pod that is given up go with it, if the policy says so. */
export async function giveClaimsTo(
  context: ControllerContext,
  set: StatefulSet,
  pod: Pod,
): Promise<void> {
  if (policyOf(set).whenScaled !== 'Delete') return;
  const { apiVersion, kind, metadata } = pod;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  for (const claim of claimsOf(context, set, ordinalOf(set, pod))) {
    const others = ownersBut(claim, ({ uid }) => {
      return uid === metadata.uid || uid === set.metadata.uid;
    });
    await write(context, claim, [...others, reference]);
  }
}

function claimsOf(
  { client }: ControllerContext,
  set: StatefulSet,
  ordinal: number,
): readonly PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) => {
    const name = claimName(set, metadata.name, ordinal);
    return client.get(persistentVolumeClaims, name, namespaceOf(set)) ?? [];
  });
}

function ownersBut(
  { metadata }: KubeObject,
  isDropped: (owner: OwnerReference) => boolean,
): readonly OwnerReference[] {
  return (metadata.ownerReferences ?? []).filter((owner) => !isDropped(owner));
}

async function write(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  owners: readonly OwnerReference[],
): Promise<void> {
  const { ownerReferences = [] } = claim.metadata;
  if (uids(ownerReferences) === uids(owners)) return;
  await writeOwners(client, persistentVolumeClaims, claim, owners);
}

function uids(owners: readonly OwnerReference[]): string {
  return owners
    .map(({ uid }) => uid)
    .toSorted()
    .join(',');
}
