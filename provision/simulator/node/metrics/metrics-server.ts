/** metrics-server as its release installs it (https://github.com/kubernetes-sigs/metrics-server, components.yaml). */
import type { NewObject } from '../../client/client.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';

const NAME = 'metrics-server';
const NAMESPACE = 'kube-system';
const IMAGE = 'registry.k8s.io/metrics-server/metrics-server:v0.8.0';
const LABELS = { 'k8s-app': NAME };
const RBAC = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];

/** Everything that belongs to it, in the order in which it can be created. */
export function metricsServerObjects(): readonly NewObject[] {
  return [
    namespaced('v1', 'ServiceAccount', {}),
    ...roles(),
    ...bindings(),
    service(),
    deployment(),
    apiService(),
  ];
}

function roles(): readonly NewObject[] {
  const aggregated = ['admin', 'edit', 'view'].map((role) => [
    `${RBAC}/aggregate-to-${role}`,
    'true',
  ]);
  return [
    clusterRole('system:aggregated-metrics-reader', Object.fromEntries(aggregated), [
      { apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: READ },
    ]),
    clusterRole(`system:${NAME}`, {}, [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods', 'nodes'], verbs: READ },
    ]),
  ];
}

function clusterRole(name: string, labels: Labels, rules: readonly JsonObject[]): NewObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...LABELS, ...labels } },
    rules,
  };
}

function bindings(): readonly NewObject[] {
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  const role = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name });
  const binding = (name: string, roleName: string) => ({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: LABELS },
    roleRef: role('ClusterRole', roleName),
    subjects,
  });
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: `${NAME}-auth-reader`, namespace: NAMESPACE, labels: LABELS },
      roleRef: role('Role', 'extension-apiserver-authentication-reader'),
      subjects,
    },
    binding(`${NAME}:system:auth-delegator`, 'system:auth-delegator'),
    binding(`system:${NAME}`, `system:${NAME}`),
  ];
}

function service(): NewObject {
  return namespaced('v1', 'Service', {
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }],
    selector: LABELS,
  });
}

function deployment(): NewObject {
  return namespaced('apps/v1', 'Deployment', {
    selector: { matchLabels: LABELS },
    strategy: { rollingUpdate: { maxUnavailable: 0 } },
    template: {
      metadata: { labels: LABELS },
      spec: {
        containers: [
          {
            name: NAME,
            image: IMAGE,
            imagePullPolicy: 'IfNotPresent',
            args: [
              '--cert-dir=/tmp',
              '--secure-port=10250',
              '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
              '--kubelet-use-node-status-port',
              '--metric-resolution=15s',
            ],
            ports: [{ name: 'https', containerPort: 10_250, protocol: 'TCP' }],
            livenessProbe: probe('/livez'),
            readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 20 },
            resources: { requests: { cpu: '100m', memory: '200Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              readOnlyRootFilesystem: true,
              runAsNonRoot: true,
              runAsUser: 1000,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            volumeMounts: [{ name: 'tmp-dir', mountPath: '/tmp' }],
          },
        ],
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: NAME,
        volumes: [{ name: 'tmp-dir', emptyDir: {} }],
      },
    },
  });
}

function probe(path: string) {
  return {
    httpGet: { path, port: 'https', scheme: 'HTTPS' },
    periodSeconds: 10,
    failureThreshold: 3,
  };
}

function apiService(): NewObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io', labels: LABELS },
    spec: {
      group: 'metrics.k8s.io',
      groupPriorityMinimum: 100,
      insecureSkipTLSVerify: true,
      service: { name: NAME, namespace: NAMESPACE },
      version: 'v1beta1',
      versionPriority: 100,
    },
  };
}

type Labels = Readonly<Record<string, string>>;

function namespaced(
  apiVersion: string,
  kind: string,
  spec: Readonly<Record<string, Json>>,
): NewObject {
  const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };
  return { apiVersion, kind, metadata, ...(Object.keys(spec).length > 0 && { spec }) };
}
