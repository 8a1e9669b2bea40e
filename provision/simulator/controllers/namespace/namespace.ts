import type { ClusterClient, Resource } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { events, namespaces } from '../../kinds/resources.ts';
import type { Namespace } from '../../kinds/types/core.ts';
import { type NewCondition, withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey, targetOf } from '../controller.ts';
import { servedResources, watchEverything } from '../served-resources.ts';
import { updateStatus } from '../status.ts';
import type { WorkQueue } from '../work-queue.ts';

/** Empties a namespace that is being deleted, then lets it go (Kubernetes documentation, "Namespaces"). */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  start(context) {
    const contents = new ContentWatches(context.client);
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, { queue, contents }),
      watch: (queue) => [contents, context.client.watch(namespaces, enqueue(queue))],
    });
  },
};

/** Watches everything, but only while some namespace is waiting for its content to go. */
class ContentWatches implements Disposable {
  readonly #client: ClusterClient;
  readonly #waiting = new Set<string>();
  #watch: Disposable | undefined;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  wait(namespace: string, queue: WorkQueue): void {
    this.#waiting.add(namespace);
    this.#watch ??= watchEverything(this.#client, (_resource, { type, object }) => {
      const place = object.metadata.namespace ?? '';
      if (type === 'DELETED' && this.#waiting.has(place)) queue.add(`/${place}`);
    });
  }

  forget(namespace: string): void {
    this.#waiting.delete(namespace);
    if (this.#waiting.size === 0) this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
  }
}

interface Waiting {
  readonly queue: WorkQueue;
  readonly contents: ContentWatches;
}

async function sync(
  context: ControllerContext,
  key: string,
  { queue, contents }: Waiting,
): Promise<void> {
  const { client } = context;
  const { name } = splitKey(key);
  const namespace = client.get(namespaces, name);
  const isLeaving = namespace?.metadata.deletionTimestamp !== undefined;
  if (!isLeaving || !namespace.spec?.finalizers?.includes('kubernetes')) {
    contents.forget(name);
    return;
  }
  contents.wait(name, queue);
  await deleteContents(client, name);
  const rest = contentsOf(client, name);
  if (rest.length > 0) {
    await updateStatus(client, namespaces, namespace, (latest) => statusOf(context, latest, rest));
    return;
  }
  const current = client.get(namespaces, name) ?? namespace;
  const finalizers = (current.spec?.finalizers ?? []).filter((one) => one !== 'kubernetes');
  const finalized = { ...current, spec: { ...current.spec, finalizers } };
  await client.update(namespaces, finalized, { subresource: 'finalize' });
  contents.forget(name);
}

interface Content {
  readonly resource: Resource;
  readonly objects: readonly KubeObject[];
}

/** What is left in a namespace, by resource; events are deleted with it but never hold it up. */
function contentsOf(client: ClusterClient, namespace: string): readonly Content[] {
  return [...servedResources(client), events]
    .filter(({ isNamespaced }) => isNamespaced)
    .map((resource) => ({ resource, objects: client.list(resource, { namespace }) }))
    .filter(({ objects }) => objects.length > 0);
}

async function deleteContents(client: ClusterClient, namespace: string): Promise<void> {
  for (const { resource, objects } of contentsOf(client, namespace)) {
    for (const object of objects) {
      const { uid, deletionTimestamp, name } = object.metadata;
      if (deletionTimestamp !== undefined) continue;
      // Its owner's deletion may have taken it along meanwhile.
      if (client.get(resource, name, namespace)?.metadata.uid !== uid) continue;
      await client.delete(resource, targetOf(object), { uid, propagationPolicy: 'Background' });
    }
  }
}

function statusOf(
  { clock }: ControllerContext,
  { status }: Namespace,
  rest: readonly Content[],
): NonNullable<Namespace['status']> {
  let conditions = status?.conditions ?? [];
  for (const condition of conditionsOf(rest)) {
    conditions = withCondition(conditions, condition, timestamp(clock));
  }
  return { ...status, conditions };
}

/** Upstream's five, in its order and words (pkg/controller/namespace/deletion/status_condition_utils.go). */
function conditionsOf(rest: readonly Content[]): readonly NewCondition[] {
  const finalizers = new Map<string, number>();
  for (const object of rest.flatMap(({ objects }) => objects)) {
    for (const finalizer of object.metadata.finalizers ?? []) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
  }
  const remaining = rest
    .map(({ resource, objects }) => {
      return `${resource.plural}.${resource.group} has ${objects.length} resource instances`;
    })
    .toSorted();
  const held = [...finalizers]
    .map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
    .toSorted();
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${remaining.join(', ')}`,
    },
    held.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}
