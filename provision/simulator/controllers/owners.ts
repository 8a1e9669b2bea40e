import type { ClusterClient, Resource, WatchEvent } from '../client/client.ts';
import type { KubeObject, OwnerReference } from '../kinds/object.ts';
import { matchesSelector } from '../kinds/selectors/labels.ts';
import type { LabelSelector } from '../kinds/types/apps.ts';
import { keyOf, namespaceOf, targetOf } from './controller.ts';
import type { WorkQueue } from './work-queue.ts';

/** The reference to the one controller of an object. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The objects of the owner's namespace that it is the controller of. */
export function ownedBy<T extends KubeObject>(
  client: ClusterClient,
  resource: Resource<T>,
  owner: KubeObject,
): readonly T[] {
  return client
    .list(resource, { namespace: namespaceOf(owner) })
    .filter((object) => isControlledBy(object, owner));
}

/** The reference that makes `owner` the controller of an object. */
export function controllerReference({ apiVersion, kind, metadata }: KubeObject) {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Who wants which objects. */
export interface Claim<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly owner: KubeObject;
  readonly isWanted: (object: T) => boolean;
}

/**
 * The objects of the owner's namespace that are its own: orphans that fit are taken in, objects that fit no more are
 * let go (upstream: controller_ref_manager). An owner that is being deleted does neither.
 */
export async function claimObjects<T extends KubeObject>(
  client: ClusterClient,
  { resource, owner, isWanted }: Claim<T>,
): Promise<readonly T[]> {
  const claimed: T[] = [];
  const isLeaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of client.list(resource, { namespace: namespaceOf(owner) })) {
    const controller = controllerOf(object);
    if (controller && controller.uid !== owner.metadata.uid) continue;
    const isOwn = controller !== undefined;
    const isFit = isWanted(object);
    if (isOwn && (isFit || isLeaving)) claimed.push(object);
    else if (isOwn) await release(client, resource, { object, owner });
    else if (isFit && !isLeaving && object.metadata.deletionTimestamp === undefined) {
      claimed.push(await adopt(client, resource, { object, owner }));
    }
  }
  return claimed;
}

interface Relation<T extends KubeObject> {
  readonly object: T;
  readonly owner: KubeObject;
}

function adopt<T extends KubeObject>(
  client: ClusterClient,
  resource: Resource<T>,
  { object, owner }: Relation<T>,
): Promise<T> {
  const others = object.metadata.ownerReferences ?? [];
  return writeOwners(client, resource, object, [...others, controllerReference(owner)]);
}

async function release<T extends KubeObject>(
  client: ClusterClient,
  resource: Resource<T>,
  { object, owner }: Relation<T>,
): Promise<void> {
  const others = object.metadata.ownerReferences ?? [];
  const kept = others.filter(({ uid }) => uid !== owner.metadata.uid);
  await writeOwners(client, resource, object, kept);
}

/** Replaces the owners of an object, if it is still the same object. */
export function writeOwners<T extends KubeObject>(
  client: ClusterClient,
  resource: Resource<T>,
  object: T,
  owners: readonly OwnerReference[],
): Promise<T> {
  const ownerReferences = owners.length > 0 ? owners.map((owner) => ({ ...owner })) : null;
  const { uid } = object.metadata;
  return client.patch(resource, targetOf(object), { metadata: { uid, ownerReferences } });
}

/** A watch listener that queues the controller of the object or, for an orphan, everybody whose selector it fits. */
export function enqueueController<T extends KubeObject>(
  queue: WorkQueue,
  client: ClusterClient,
  resource: Resource<T>,
  selectorOf: (owner: T) => LabelSelector,
): (event: WatchEvent<KubeObject>) => void {
  return ({ type, object }) => {
    const namespace = namespaceOf(object);
    const controller = controllerOf(object);
    if (controller) {
      if (controller.kind === resource.kind) queue.add(`${namespace}/${controller.name}`);
      return;
    }
    if (type === 'DELETED') return;
    for (const owner of client.list(resource, { namespace })) {
      if (matchesSelector(selectorOf(owner), object.metadata.labels)) queue.add(keyOf(owner));
    }
  };
}

/** The selector of kinds that have it in their spec. */
export function specSelector({
  spec,
}: KubeObject & { readonly spec: { readonly selector: LabelSelector } }): LabelSelector {
  return spec.selector;
}
