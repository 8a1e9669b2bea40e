import type { ClusterClient } from '../../../client/client.ts';
import { configMaps, namespaces } from '../../../kinds/resources.ts';
import { written } from '../written.ts';

const NAME = 'istio-ca-root-cert';

/** Keeps ConfigMap `istio-ca-root-cert` with the mesh's root in every namespace, whoever deletes or changes it. */
export function publishRoot(
  client: ClusterClient,
  root: string,
  log: (line: string) => void,
): Disposable {
  const stack = new DisposableStack();
  const ensure = (namespace: string) => {
    const known = client.get(configMaps, NAME, namespace);
    if (known?.data?.['root-cert.pem'] === root) return;
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: NAME, namespace, labels: { 'istio.io/config': 'true' } },
      data: { 'root-cert.pem': root },
    };
    const write = known
      ? client.update(configMaps, { ...known, data: { ...known.data, ...object.data } })
      : client.create(configMaps, object);
    void written(write, 'namespace controller', log);
  };
  stack.use(
    client.watch(namespaces, ({ type, object }) => {
      if (type === 'DELETED' || object.status?.phase === 'Terminating') return;
      ensure(object.metadata.name);
    }),
  );
  stack.use(
    client.watch(configMaps, ({ type, object }) => {
      const { name, namespace = '' } = object.metadata;
      if (type === 'ADDED' || name !== NAME) return;
      const phase = client.get(namespaces, namespace)?.status?.phase;
      if (phase !== undefined && phase !== 'Terminating') ensure(namespace);
    }),
  );
  return stack;
}
