import type { NewObject } from '../../client/client.ts';

/** The StorageClass a new cluster has, as learning clusters come with the local-path provisioner. To be created by whoever composes the cluster. */
export function defaultStorageClass(): NewObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'local-path',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'rancher.io/local-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}
