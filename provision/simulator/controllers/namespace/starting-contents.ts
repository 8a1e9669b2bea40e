import type { NewObject, Resource } from '../../client/client.ts';
import { isSame } from '../../kinds/json.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { configMaps, namespaces, serviceAccounts } from '../../kinds/resources.ts';
import type { ConfigMap } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey } from '../controller.ts';
import { isNamespaceLeaving } from '../pods.ts';

const ROOT_CA = 'kube-root-ca.crt';
/** The namespace whose copy of the root certificate is the model for all others. */
const MODEL = 'kube-system';

/** Gives every namespace its service account `default` (Kubernetes documentation, "Service Accounts"). */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  start: (context) =>
    inEveryNamespace(context, serviceAccounts, 'default', async (namespace) => {
      const { client } = context;
      if (client.get(serviceAccounts, 'default', namespace)) return;
      const metadata = { name: 'default', namespace };
      await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    }),
};

/** Gives every namespace the certificate by which pods trust the API server (Kubernetes documentation, "Service Accounts"). */
export const rootCertificateController: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  start(context) {
    const { client } = context;
    let model: ConfigMap | undefined;
    return inEveryNamespace(context, configMaps, ROOT_CA, async (namespace) => {
      // Remembered, so that even the model comes back when it is deleted.
      model = client.get(configMaps, ROOT_CA, MODEL) ?? model;
      if (!model) return;
      const current = client.get(configMaps, ROOT_CA, namespace);
      if (current && isSame(current.data, model.data)) return;
      const { annotations } = model.metadata;
      const wanted: NewObject = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: ROOT_CA, namespace, ...(annotations && { annotations }) },
        data: model.data,
      };
      await (current ? client.update(configMaps, wanted) : client.create(configMaps, wanted));
    });
  },
};

/** Runs `ensure` for every namespace that is there to stay, and again when the object `name` in it changes. */
function inEveryNamespace<T extends KubeObject>(
  context: ControllerContext,
  resource: Resource<T>,
  name: string,
  ensure: (namespace: string) => Promise<void>,
): AsyncDisposable {
  const { client } = context;
  return runLoop(context, {
    async sync(key) {
      const { name: namespace } = splitKey(key);
      const owner = client.get(namespaces, namespace);
      if (!owner || owner.metadata.deletionTimestamp !== undefined) return;
      try {
        await ensure(namespace);
      } catch (error) {
        if (!isNamespaceLeaving(error)) throw error;
      }
    },
    watch: (queue) => [
      client.watch(namespaces, enqueue(queue)),
      client.watch(resource, ({ type, object }) => {
        if (type !== 'ADDED' && object.metadata.name === name) {
          queue.add(`/${object.metadata.namespace ?? ''}`);
        }
      }),
    ],
  });
}
