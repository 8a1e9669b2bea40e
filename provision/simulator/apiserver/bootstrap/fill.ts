import { timestamp } from '../../clock.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { asJson, isSame, objectAt, stringAt } from '../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { atRevision } from '../rest/prepare.ts';
import type { Store } from '../store/store.ts';
import { authenticationConfig } from './kubeadm.ts';
import { bootstrapObjects, clusterInfo } from './objects.ts';

/** Puts into an empty store what a new cluster has. */
export async function fillStore(core: Core, caCertificate: string): Promise<void> {
  const [today = ''] = timestamp(core.clock).split('T');
  for (const body of bootstrapObjects(caCertificate, today)) {
    const kind = core.kinds.findKind(
      stringAt(body, 'apiVersion') ?? '',
      stringAt(body, 'kind') ?? '',
    );
    if (!kind)
      throw new TypeError(`Cannot fill the cluster: ${JSON.stringify(body)} is of no kind`);
    const target = { namespace: stringAt(body, 'metadata', 'namespace') ?? '', name: '' };
    await createObject(core, { kind, target, body, call: internalCall(API_SERVER_USER) });
  }
}

/** Gives a store that came from another cluster the authority of its own. */
export function replaceAuthority(store: Store, caCertificate: string): void {
  for (const config of store.list('/configmaps').items) {
    const { name, namespace } = config.metadata;
    const data = authorityData(`${namespace}/${name}`, caCertificate);
    if (!data || isSame(data, objectAt(config, 'data'))) continue;
    store.put('/configmaps', atRevision({ ...asJson(config), data }));
  }
}

/** The data of a ConfigMap that names the cluster's authority; undefined for all others. */
function authorityData(key: string, caCertificate: string): JsonObject | undefined {
  if (key.endsWith('/kube-root-ca.crt')) return { 'ca.crt': caCertificate };
  if (key === 'kube-public/cluster-info') return objectAt(clusterInfo(caCertificate), 'data');
  if (key === 'kube-system/extension-apiserver-authentication') {
    return objectAt(authenticationConfig(caCertificate), 'data');
  }
  return undefined;
}
