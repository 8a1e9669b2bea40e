import { isNotFound } from '../client/api-error.ts';
import { configMaps, namespaces, serviceAccounts } from '../kinds/resources.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

const ROOT_CA = 'kube-root-ca.crt';

/** Gives every namespace what pods in it rely on: the service account `default` and the ConfigMap with the cluster's CA. */
export const namespaceContentsController: Controller = {
  name: 'serviceaccount',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(
      client.watch(namespaces, ({ type, object }) => {
        if (type !== 'DELETED') queue.add(keyOf(object));
      }),
    );
    for (const resource of [serviceAccounts, configMaps]) {
      stack.use(
        client.watch(resource, ({ type, object }) => {
          if (type === 'DELETED') queue.add(`/${object.metadata.namespace ?? ''}`);
        }),
      );
    }
    return stack;
  },
};

async function reconcile({ client }: ControllerContext, key: string): Promise<void> {
  const { name: namespace } = splitKey(key);
  const owner = client.get(namespaces, namespace);
  if (!owner || owner.metadata.deletionTimestamp) return;
  try {
    if (!client.get(serviceAccounts, 'default', namespace)) {
      const metadata = { name: 'default', namespace };
      await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    }
    const bundle = client.get(configMaps, ROOT_CA, 'kube-system')?.data;
    if (bundle && !client.get(configMaps, ROOT_CA, namespace)) {
      const metadata = { name: ROOT_CA, namespace };
      await client.create(configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
        data: bundle,
      });
    }
  } catch (error) {
    // The namespace went while we were at it.
    if (!isNotFound(error)) throw error;
  }
}
