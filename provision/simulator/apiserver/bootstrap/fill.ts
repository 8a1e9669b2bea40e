import { asJson, at, objectAt, stringAt } from '../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { atRevision } from '../rest/prepare.ts';
import type { Store } from '../store/store.ts';
import { bootstrapObjects, clusterInfo } from './objects.ts';

/** Puts into an empty store what a new cluster has. */
export async function fillStore(core: Core, caCertificate: string): Promise<void> {
  for (const body of bootstrapObjects(caCertificate)) {
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
    const isRoot = name === 'kube-root-ca.crt';
    const isInfo = name === 'cluster-info' && namespace === 'kube-public';
    if (!isRoot && !isInfo) continue;
    const data = isRoot
      ? { 'ca.crt': caCertificate }
      : objectAt(clusterInfo(caCertificate), 'data');
    if (at(config, 'data', 'ca.crt') === caCertificate) continue;
    store.put('/configmaps', atRevision({ ...asJson(config), data }));
  }
}
