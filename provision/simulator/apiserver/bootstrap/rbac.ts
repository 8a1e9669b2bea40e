/** Roles and bindings of a new cluster (Kubernetes documentation, "Using RBAC Authorization", default roles). */
import type { Json, JsonObject } from '../../kinds/object.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = ['*'];
const INFO_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY_PATHS = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'];
const AUTHENTICATED = 'system:authenticated';

/** What people with the role `view` may read, by group; Secrets, roles and bindings are not among it. */
const VIEWED: Readonly<Record<string, readonly string[]>> = {
  '': [
    'bindings',
    'configmaps',
    'endpoints',
    'events',
    'limitranges',
    'namespaces',
    'namespaces/status',
    'persistentvolumeclaims',
    'persistentvolumeclaims/status',
    'pods',
    'pods/log',
    'pods/status',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'replicationcontrollers/status',
    'resourcequotas',
    'resourcequotas/status',
    'serviceaccounts',
    'services',
    'services/status',
  ],
  apps: [
    'controllerrevisions',
    'daemonsets',
    'daemonsets/status',
    'deployments',
    'deployments/scale',
    'deployments/status',
    'replicasets',
    'replicasets/scale',
    'replicasets/status',
    'statefulsets',
    'statefulsets/scale',
    'statefulsets/status',
  ],
  autoscaling: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'],
  batch: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'],
  'discovery.k8s.io': ['endpointslices'],
  'networking.k8s.io': ['ingresses', 'ingresses/status', 'networkpolicies'],
  policy: ['poddisruptionbudgets', 'poddisruptionbudgets/status'],
};

/** What people with the role `edit` may change besides. */
const EDITED: Readonly<Record<string, readonly string[]>> = {
  '': [
    'configmaps',
    'endpoints',
    'events',
    'persistentvolumeclaims',
    'pods',
    'pods/attach',
    'pods/exec',
    'pods/portforward',
    'pods/proxy',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'secrets',
    'serviceaccounts',
    'services',
    'services/proxy',
  ],
  apps: [
    'daemonsets',
    'deployments',
    'deployments/rollback',
    'deployments/scale',
    'replicasets',
    'replicasets/scale',
    'statefulsets',
    'statefulsets/scale',
  ],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
};

export function clusterRoles(): readonly JsonObject[] {
  const everything = [rule(ALL, ALL, ALL), { nonResourceURLs: ALL, verbs: ALL }];
  return [
    clusterRole('cluster-admin', everything),
    aggregate('admin', ['admin'], adminRules()),
    aggregate('edit', ['edit'], editRules()),
    aggregate('view', ['view'], viewRules()),
    clusterRole('system:aggregate-to-admin', adminOnlyRules(), { to: 'admin' }),
    clusterRole('system:aggregate-to-edit', editOnlyRules(), { to: 'edit' }),
    clusterRole('system:aggregate-to-view', viewRules(), { to: 'view' }),
    clusterRole('system:basic-user', [
      rule(
        ['authorization.k8s.io'],
        ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
        ['create'],
      ),
      rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
    ]),
    clusterRole('system:discovery', [paths([...INFO_PATHS, ...DISCOVERY_PATHS])]),
    clusterRole('system:public-info-viewer', [paths(INFO_PATHS)]),
    clusterRole('system:service-account-issuer-discovery', [
      paths(['/.well-known/openid-configuration', '/openid/v1/jwks']),
    ]),
    clusterRole('system:auth-delegator', [
      rule(['authentication.k8s.io'], ['tokenreviews'], ['create']),
      rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    ]),
  ];
}

export function clusterRoleBindings(): readonly JsonObject[] {
  return [
    clusterRoleBinding('cluster-admin', ['system:masters']),
    clusterRoleBinding('system:basic-user', [AUTHENTICATED]),
    clusterRoleBinding('system:discovery', [AUTHENTICATED]),
    clusterRoleBinding('system:public-info-viewer', [AUTHENTICATED, 'system:unauthenticated']),
    clusterRoleBinding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
  ];
}

/** Anybody may read how the cluster is reached, as kubeadm sets it up. */
export function roles(): readonly JsonObject[] {
  return [
    {
      apiVersion: API_VERSION,
      kind: 'Role',
      metadata: { name: 'kubeadm:bootstrap-signer-clusterinfo', namespace: 'kube-public' },
      rules: [{ ...rule([''], ['configmaps'], ['get']), resourceNames: ['cluster-info'] }],
    },
  ];
}

export function roleBindings(): readonly JsonObject[] {
  const name = 'kubeadm:bootstrap-signer-clusterinfo';
  return [
    {
      apiVersion: API_VERSION,
      kind: 'RoleBinding',
      metadata: { name, namespace: 'kube-public' },
      roleRef: { apiGroup: GROUP, kind: 'Role', name },
      subjects: [{ apiGroup: GROUP, kind: 'User', name: 'system:anonymous' }],
    },
  ];
}

function viewRules(): readonly JsonObject[] {
  return Object.entries(VIEWED).map(([group, resources]) => rule([group], resources, READ));
}

function editOnlyRules(): readonly JsonObject[] {
  return [
    rule(
      [''],
      ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
      READ,
    ),
    rule([''], ['serviceaccounts'], ['impersonate']),
    rule([''], ['pods/eviction', 'serviceaccounts/token'], ['create']),
    rule(['coordination.k8s.io'], ['leases'], [...READ, ...WRITE]),
    ...Object.entries(EDITED).map(([group, resources]) => rule([group], resources, WRITE)),
  ];
}

function adminOnlyRules(): readonly JsonObject[] {
  return [
    rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
    rule([GROUP], ['rolebindings', 'roles'], [...READ, ...WRITE]),
  ];
}

function editRules(): readonly JsonObject[] {
  return [...editOnlyRules(), ...viewRules()];
}

function adminRules(): readonly JsonObject[] {
  return [...adminOnlyRules(), ...editRules()];
}

function rule(
  apiGroups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): JsonObject {
  return { apiGroups, resources, verbs };
}

function paths(nonResourceURLs: readonly string[]): JsonObject {
  return { nonResourceURLs, verbs: ['get'] };
}

function clusterRole(
  name: string,
  rules: readonly Json[],
  aggregation: { readonly to?: string } = {},
): JsonObject {
  const { to } = aggregation;
  const label = to !== undefined && { [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' };
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...LABELS, ...label }, annotations: ANNOTATIONS },
    rules,
  };
}

// The aggregating roles hold their rules from the start, as they do once their controller has run.
function aggregate(name: string, parts: readonly string[], rules: readonly Json[]): JsonObject {
  const into: Readonly<Record<string, string>> = { edit: 'admin', view: 'edit' };
  const to = into[name];
  return {
    ...clusterRole(name, rules, to === undefined ? {} : { to }),
    aggregationRule: {
      clusterRoleSelectors: parts.map((part) => ({
        matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${part}`]: 'true' },
      })),
    },
  };
}

function clusterRoleBinding(name: string, groups: readonly string[]): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: LABELS, annotations: ANNOTATIONS },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup: GROUP, kind: 'Group', name: group })),
  };
}
