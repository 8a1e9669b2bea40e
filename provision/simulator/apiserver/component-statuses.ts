import type { KubeObject } from '../kinds/object.ts';
import { toKubeObject } from './objects/json.ts';
import type { Store } from './store/store.ts';

/** Shows the control plane's parts as well: they live and die with the API server. */
export function showComponentStatuses(store: Store): void {
  store.show('/componentstatuses', () => COMPONENTS);
}

const COMPONENTS: readonly KubeObject[] = [
  { name: 'controller-manager', message: 'ok' },
  { name: 'etcd-0', message: 'ok' },
  { name: 'scheduler', message: 'ok' },
].map(({ name, message }) =>
  toKubeObject({
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name, creationTimestamp: null },
    conditions: [{ type: 'Healthy', status: 'True', message }],
  }),
);
