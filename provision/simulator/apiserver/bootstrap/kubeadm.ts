/** What kubeadm and kube-apiserver leave in kube-system about the cluster itself (Kubernetes documentation, "kubeadm init", implementation details). */
import type { JsonObject } from '../../kinds/object.ts';
import { KUBERNETES_VERSION } from '../../versions.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';

/** Control loops that run with an identity of their own; those of cloud providers do not run here. */
const WITHOUT_ACCOUNT = new Set(['route-controller', 'service-controller']);
const OTHER_ACCOUNTS = ['bootstrap-signer', 'token-cleaner'];

/** Service accounts of kube-controller-manager's control loops. */
export function controllerAccounts(): readonly JsonObject[] {
  const names = Object.keys(CONTROLLER_ROLES).filter((name) => !WITHOUT_ACCOUNT.has(name));
  return [...names, ...OTHER_ACCOUNTS].map((name) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'kube-system' },
  }));
}

/** ConfigMaps by which nodes and extensions learn how the cluster is set up; `since` is the day it was made. */
export function kubeadmConfigs(caCertificate: string, since: string): readonly JsonObject[] {
  return [
    authenticationConfig(caCertificate),
    config('kube-apiserver-legacy-service-account-token-tracking', { since }),
    config('kubeadm-config', { ClusterConfiguration: CLUSTER_CONFIGURATION }),
    config('kubelet-config', { kubelet: KUBELET_CONFIGURATION }),
  ];
}

/** The authorities that sign client certificates, for API servers behind this one. */
export function authenticationConfig(caCertificate: string): JsonObject {
  return config('extension-apiserver-authentication', { 'client-ca-file': caCertificate });
}

const CLUSTER_CONFIGURATION = `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controllerManager: {}
dns: {}
encryptionAlgorithm: RSA-2048
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: v${KUBERNETES_VERSION}
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
proxy: {}
scheduler: {}
`;
const KUBELET_CONFIGURATION = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
kind: KubeletConfiguration
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
`;

function config(name: string, data: Readonly<Record<string, string>>): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data,
  };
}
