import type { ClusterClient, Resource, WatchEvent } from '../../client/client.ts';
import type { KubeObject, OwnerReference } from '../../kinds/object.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { runLoop, targetOf } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeOwners } from '../owners.ts';
import { resourceOf, watchEverything } from '../served-resources.ts';
import type { WorkQueue } from '../work-queue.ts';
import { type Owned, OwnershipGraph } from './ownership-graph.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Deletes what belonged to owners that are gone (Kubernetes documentation, "Garbage Collection"). */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  start(context) {
    const graph = new OwnershipGraph();
    return runLoop(context, {
      sync: (uid) => sync(context, graph, uid),
      watch: (queue) => [
        watchEverything(context.client, (resource, event) =>
          see({ graph, queue }, resource, event),
        ),
      ],
    });
  },
};

interface Collection {
  readonly graph: OwnershipGraph;
  readonly queue: WorkQueue;
}

function see(
  { graph, queue }: Collection,
  resource: Resource,
  { type, object }: WatchEvent<KubeObject>,
): void {
  const { uid, ownerReferences = [] } = object.metadata;
  if (type === 'DELETED') {
    graph.remove(uid);
    for (const dependent of graph.dependentsOf(uid)) queue.add(dependent.object.metadata.uid);
    // An owner that is deleted in the foreground may have waited for this one.
    for (const owner of ownerReferences) queue.add(owner.uid);
    return;
  }
  graph.put({ resource, object });
  if (ownerReferences.length > 0 || waitsForUs(object)) queue.add(uid);
  for (const owner of ownerReferences) {
    const known = graph.get(owner.uid);
    if (known && waitsForUs(known.object)) queue.add(owner.uid);
  }
}

/** Whether the object is being deleted and holds a finalizer that is ours. */
function waitsForUs({ metadata }: KubeObject): boolean {
  const isLeaving = metadata.deletionTimestamp !== undefined;
  return (
    isLeaving && (metadata.finalizers ?? []).some((one) => one === FOREGROUND || one === ORPHAN)
  );
}

async function sync(
  { client, events }: ControllerContext,
  graph: OwnershipGraph,
  uid: string,
): Promise<void> {
  const known = graph.get(uid);
  const owned = known && latest(client, known);
  if (!owned) return;
  const { finalizers = [], deletionTimestamp } = owned.object.metadata;
  if (deletionTimestamp === undefined) {
    for (const owner of strangers(graph, owned)) tellOfStranger(events, owned.object, owner);
    await collect(client, graph, owned);
  } else if (finalizers.includes(ORPHAN)) await orphanDependents(client, graph, owned);
  else if (finalizers.includes(FOREGROUND)) await deleteDependents(client, graph, owned);
}

/** Owners that are there, but in another namespace: nothing there can own what is here. */
function strangers(graph: OwnershipGraph, { object }: Owned): readonly OwnerReference[] {
  const { ownerReferences = [], namespace } = object.metadata;
  return ownerReferences.filter(({ uid }) => {
    const place = graph.get(uid)?.object.metadata.namespace;
    return place !== undefined && place !== namespace;
  });
}

function tellOfStranger(
  events: EventRecorder,
  object: KubeObject,
  { apiVersion, kind, name, uid }: OwnerReference,
): void {
  const { namespace = '' } = object.metadata;
  const reference = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
  const message = `ownerRef ${reference} does not exist in namespace "${namespace}"`;
  events.record(object, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message });
}

/** The object as it is now; undefined when it is gone, whatever the watch has told so far. */
function latest(client: ClusterClient, { resource, object }: Owned): Owned | undefined {
  const { name, namespace, uid } = object.metadata;
  const current = client.get(resource, name, namespace);
  return current?.metadata.uid === uid ? { resource, object: current } : undefined;
}

/** Deletes an object that has owners and none of them is there any more; forgets those that are gone otherwise. */
async function collect(client: ClusterClient, graph: OwnershipGraph, owned: Owned): Promise<void> {
  const { resource, object } = owned;
  const { ownerReferences = [], uid } = object.metadata;
  if (ownerReferences.length === 0) return;
  const states = ownerReferences.map((owner) => ({ owner, state: stateOf(client, owner, object) }));
  // An owner of a kind that is not served cannot be judged.
  if (states.some(({ state }) => state === 'unknown')) return;
  const solid = states.filter(({ state }) => state === 'there').map(({ owner }) => owner);
  if (solid.length === ownerReferences.length) return;
  if (solid.length > 0) {
    await writeOwners(client, resource, object, solid);
    return;
  }
  const isAwaited = states.some(({ state }) => state === 'waiting');
  const hasDependents = graph.dependentsOf(uid).length > 0;
  const propagationPolicy = isAwaited && hasDependents ? 'Foreground' : 'Background';
  await client.delete(resource, targetOf(object), { uid, propagationPolicy });
}

/** What is known of an owner; `waiting` when it waits in the foreground for its dependents to go first. */
type OwnerState = 'there' | 'gone' | 'waiting' | 'unknown';

function stateOf(
  client: ClusterClient,
  owner: OwnerReference,
  { metadata }: KubeObject,
): OwnerState {
  const resource = resourceOf(client, owner);
  if (!resource) return 'unknown';
  const namespace = resource.isNamespaced ? metadata.namespace : undefined;
  // Something cluster-wide cannot belong to something in a namespace; upstream leaves it alone and says so.
  if (resource.isNamespaced && namespace === undefined) return 'unknown';
  const current = client.get(resource, owner.name, namespace);
  if (current?.metadata.uid !== owner.uid) return 'gone';
  const isForeground = current.metadata.finalizers?.includes(FOREGROUND) === true;
  return isForeground && current.metadata.deletionTimestamp !== undefined ? 'waiting' : 'there';
}

async function deleteDependents(
  client: ClusterClient,
  graph: OwnershipGraph,
  owned: Owned,
): Promise<void> {
  const { uid } = owned.object.metadata;
  const dependents = graph.dependentsOf(uid).flatMap((one) => latest(client, one) ?? []);
  for (const dependent of dependents) {
    if (dependent.object.metadata.deletionTimestamp === undefined) {
      await collect(client, graph, dependent);
    }
  }
  const isHeld = dependents.some(
    (dependent) => isBlocking(dependent, uid) && latest(client, dependent) !== undefined,
  );
  if (!isHeld) await dropFinalizer(client, owned, FOREGROUND);
}

function isBlocking({ object }: Owned, ownerUid: string): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (owner) => owner.uid === ownerUid && owner.blockOwnerDeletion === true,
  );
}

async function orphanDependents(
  client: ClusterClient,
  graph: OwnershipGraph,
  owned: Owned,
): Promise<void> {
  const { uid } = owned.object.metadata;
  for (const dependent of graph.dependentsOf(uid)) {
    const current = latest(client, dependent);
    if (!current) continue;
    const others = (current.object.metadata.ownerReferences ?? []).filter((one) => one.uid !== uid);
    await writeOwners(client, current.resource, current.object, others);
  }
  await dropFinalizer(client, owned, ORPHAN);
}

async function dropFinalizer(
  client: ClusterClient,
  owned: Owned,
  finalizer: string,
): Promise<void> {
  const current = latest(client, owned);
  if (!current) return;
  const { finalizers = [], uid } = current.object.metadata;
  const rest = finalizers.filter((one) => one !== finalizer);
  await client.patch(current.resource, targetOf(current.object), {
    metadata: { uid, finalizers: rest.length > 0 ? rest : null },
  });
}
