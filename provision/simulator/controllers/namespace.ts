import type { ClusterClient, Resource } from '../client/client.ts';
import { kindsOfCrd } from '../kinds/crd.ts';
import { builtinKinds } from '../kinds/registry.ts';
import { customResourceDefinitions, namespaces, pods } from '../kinds/resources.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

/** Empties a namespace that is being deleted, then lets it go. */
export const namespaceController: Controller = {
  name: 'namespace',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(
      client.watch(namespaces, ({ type, object }) => {
        if (type !== 'DELETED' && object.metadata.deletionTimestamp) queue.add(keyOf(object));
      }),
    );
    stack.use(
      client.watch(pods, ({ type, object }) => {
        if (type !== 'DELETED') return;
        const { namespace = '' } = object.metadata;
        if (client.get(namespaces, namespace)?.metadata.deletionTimestamp)
          queue.add(`/${namespace}`);
      }),
    );
    return stack;
  },
};

async function reconcile({ client }: ControllerContext, key: string): Promise<void> {
  const { name } = splitKey(key);
  const namespace = client.get(namespaces, name);
  if (!namespace?.metadata.deletionTimestamp) return;
  let left = 0;
  for (const resource of namespacedResources(client)) {
    for (const { metadata } of client.list(resource, { namespace: name })) {
      left++;
      if (!metadata.deletionTimestamp)
        await client.delete(resource, { name: metadata.name, namespace: name });
    }
  }
  const isEmpty =
    left === 0 ||
    namespacedResources(client).every((one) => client.list(one, { namespace: name }).length === 0);
  if (!isEmpty) throw new Error(`Namespace ${name} still has ${left} objects`);
  const spec = {
    finalizers: (namespace.spec?.finalizers ?? []).filter(
      (finalizer) => finalizer !== 'kubernetes',
    ),
  };
  await client.update(namespaces, { ...namespace, spec }, { subresource: 'finalize' });
}

function namespacedResources(client: ClusterClient): readonly Resource[] {
  const custom = client.list(customResourceDefinitions).flatMap((crd) => kindsOfCrd(crd));
  return [...builtinKinds(), ...custom].filter(
    ({ isNamespaced, verbs }) => isNamespaced && verbs.includes('deletecollection'),
  );
}
