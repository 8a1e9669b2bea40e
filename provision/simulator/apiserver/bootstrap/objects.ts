import type { JsonObject } from '../../kinds/object.ts';
import { flowControlObjects } from './flow-control.ts';
import { controllerAccounts, kubeadmConfigs } from './kubeadm.ts';
import { clusterRoleBindings, clusterRoles, roles, roleBindings } from './rbac.ts';

/** Namespaces of a new cluster. */
const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
/** Where pods find the API server. */
const API_SERVICE_IP = '10.96.0.1';
/** Where the API server listens on its node. */
const API_SERVER = { ip: '172.30.1.2', port: 6443 } as const;

/** What kubeadm and the API server itself put into a new cluster of the day `since`, in the order of creation. */
export function bootstrapObjects(caCertificate: string, since: string): readonly JsonObject[] {
  return [
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...NAMESPACES.flatMap((namespace) => [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
      rootCertificate(namespace, caCertificate),
    ]),
    ...controllerAccounts(),
    apiService(),
    ...clusterRoles(),
    ...clusterRoleBindings(),
    ...roles(),
    ...roleBindings(),
    priorityClass(
      'system-cluster-critical',
      2_000_000_000,
      'For pods that the cluster needs, on whichever node.',
    ),
    priorityClass('system-node-critical', 2_000_001_000, 'For pods that their node needs.'),
    ...flowControlObjects(),
    ...apiEndpoints(),
    clusterInfo(caCertificate),
    ...kubeadmConfigs(caCertificate, since),
  ];
}

/** The ConfigMap from which pods take the cluster's authority. */
function rootCertificate(namespace: string, caCertificate: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-root-ca.crt',
      namespace,
      annotations: {
        'kubernetes.io/description':
          'Holds the certificate of the authority that signed the API server for the addresses pods reach it at.',
      },
    },
    data: { 'ca.crt': caCertificate },
  };
}

function apiService(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: API_SERVICE_IP,
      clusterIPs: [API_SERVICE_IP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: API_SERVER.port }],
      sessionAffinity: 'None',
    },
  };
}

function apiEndpoints(): readonly JsonObject[] {
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'kubernetes', namespace: 'default', labels },
      subsets: [
        {
          addresses: [{ ip: API_SERVER.ip }],
          ports: [{ name: 'https', port: API_SERVER.port, protocol: 'TCP' }],
        },
      ],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [API_SERVER.ip], conditions: { ready: true } }],
      ports: [{ name: 'https', port: API_SERVER.port, protocol: 'TCP' }],
    },
  ];
}

function priorityClass(name: string, value: number, description: string): JsonObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    globalDefault: false,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

/** What `kubeadm join` reads; kube-public is where everybody may look. */
export function clusterInfo(caCertificate: string): JsonObject {
  const data = Buffer.from(caCertificate).toString('base64');
  const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${data}
    server: https://${API_SERVER.ip}:${API_SERVER.port}
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig },
  };
}
