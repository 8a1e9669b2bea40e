/** Roles and bindings of a new cluster: those of the API server and those of kubeadm. */
import type { JsonObject } from '../../kinds/object.ts';
import {
  ADMIN_RULES,
  CLUSTER_ROLES,
  EDIT_RULES,
  KUBEADM_CLUSTER_ROLES,
  VIEW_RULES,
} from './cluster-roles.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { EVENTS, rulesOf } from './rule-text.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const BOOTSTRAP = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};
const AUTHENTICATED = { kind: 'Group', name: 'system:authenticated' };
const UNAUTHENTICATED = { kind: 'Group', name: 'system:unauthenticated' };
/** Nodes that join with a token of kubeadm. */
const JOINING = { kind: 'Group', name: 'system:bootstrappers:kubeadm:default-node-token' };
const NODES = { kind: 'Group', name: 'system:nodes' };
const SIGNING = 'system:certificates.k8s.io:certificatesigningrequests';

export function clusterRoles(): readonly JsonObject[] {
  const edit = [...EDIT_RULES, ...VIEW_RULES];
  return [
    aggregate('admin', [...ADMIN_RULES, ...edit], {}),
    aggregate('edit', edit, toward('admin')),
    aggregate('view', VIEW_RULES, toward('edit')),
    clusterRole('system:aggregate-to-admin', ADMIN_RULES, toward('admin')),
    clusterRole('system:aggregate-to-edit', EDIT_RULES, toward('edit')),
    clusterRole('system:aggregate-to-view', VIEW_RULES, toward('view')),
    ...Object.entries(CLUSTER_ROLES).map(([name, rules]) => clusterRole(name, rules)),
    ...Object.entries(CONTROLLER_ROLES).map(([name, rules]) =>
      clusterRole(`system:controller:${name}`, rules),
    ),
    ...Object.entries(KUBEADM_CLUSTER_ROLES).map(([name, rules]) => ({
      apiVersion: API_VERSION,
      kind: 'ClusterRole',
      metadata: { name },
      rules: rulesOf(rules),
    })),
  ];
}

export function clusterRoleBindings(): readonly JsonObject[] {
  return [
    own('cluster-admin', { kind: 'Group', name: 'system:masters' }),
    own('system:basic-user', AUTHENTICATED),
    own('system:discovery', AUTHENTICATED),
    own('system:kube-controller-manager', component('kube-controller-manager')),
    own('system:kube-dns', account('kube-dns')),
    own('system:kube-scheduler', component('kube-scheduler')),
    own('system:monitoring', { kind: 'Group', name: 'system:monitoring' }),
    own('system:node'),
    own('system:node-proxier', component('kube-proxy')),
    own('system:public-info-viewer', AUTHENTICATED, UNAUTHENTICATED),
    own('system:service-account-issuer-discovery', {
      kind: 'Group',
      name: 'system:serviceaccounts',
    }),
    own('system:volume-scheduler', component('kube-scheduler')),
    ...Object.keys(CONTROLLER_ROLES).map((name) => own(`system:controller:${name}`, account(name))),
    kubeadm('cluster-admins', 'cluster-admin', { kind: 'Group', name: 'kubeadm:cluster-admins' }),
    kubeadm('get-nodes', 'kubeadm:get-nodes', JOINING),
    kubeadm('kubelet-bootstrap', 'system:node-bootstrapper', JOINING),
    kubeadm('node-autoapprove-bootstrap', `${SIGNING}:nodeclient`, JOINING),
    kubeadm('node-autoapprove-certificate-rotation', `${SIGNING}:selfnodeclient`, NODES),
    kubeadm('node-proxier', 'system:node-proxier', account('kube-proxy')),
    clusterRoleBinding({
      name: 'system:coredns',
      role: 'system:coredns',
      subjects: [account('coredns')],
    }),
  ];
}

/** Rights inside namespaces: who may do what, and where. */
const NAMESPACED: readonly Named[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: ['READ core configmaps', 'update core configmaps cluster-info', EVENTS],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    bindingName: 'system::extension-apiserver-authentication-reader',
    rules: ['READ core configmaps extension-apiserver-authentication'],
    subjects: [component('kube-controller-manager'), component('kube-scheduler')],
  },
  ...['kube-controller-manager', 'kube-scheduler'].map((name) => ({
    namespace: 'kube-system',
    name: `system::leader-locking-${name}`,
    rules: [
      'create,get,list,update,watch coordination.k8s.io leases',
      'create,get,list,update,watch coordination.k8s.io leasecandidates',
    ],
    subjects: [component(name), account(name)],
  })),
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: ['READ core secrets'],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: ['create,get,list,watch core configmaps'],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: ['delete,get,list,watch core secrets', EVENTS],
    subjects: [account('token-cleaner')],
  },
  {
    // Anybody may read how the cluster is reached.
    namespace: 'kube-public',
    name: 'kubeadm:bootstrap-signer-clusterinfo',
    rules: ['get core configmaps cluster-info'],
    subjects: [{ kind: 'User', name: 'system:anonymous' }],
    isKubeadm: true,
  },
  {
    namespace: 'kube-system',
    name: 'kube-proxy',
    rules: ['get core configmaps kube-proxy'],
    subjects: [JOINING],
    isKubeadm: true,
  },
  {
    namespace: 'kube-system',
    name: 'kubeadm:kubelet-config',
    rules: ['get core configmaps kubelet-config'],
    subjects: [NODES, JOINING],
    isKubeadm: true,
  },
  {
    namespace: 'kube-system',
    name: 'kubeadm:nodes-kubeadm-config',
    rules: ['get core configmaps kubeadm-config'],
    subjects: [NODES, JOINING],
    isKubeadm: true,
  },
];

export function roles(): readonly JsonObject[] {
  return NAMESPACED.map(({ name, namespace, rules, isKubeadm }) => ({
    apiVersion: API_VERSION,
    kind: 'Role',
    metadata: { name, namespace, ...(isKubeadm !== true && BOOTSTRAP) },
    rules: rulesOf(rules),
  }));
}

export function roleBindings(): readonly JsonObject[] {
  return NAMESPACED.map(({ name, bindingName = name, namespace, subjects, isKubeadm }) => ({
    apiVersion: API_VERSION,
    kind: 'RoleBinding',
    metadata: { name: bindingName, namespace, ...(isKubeadm !== true && BOOTSTRAP) },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: subjects.map(asJson),
  }));
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A role in a namespace and its binding. */
interface Named {
  readonly namespace: string;
  readonly name: string;
  /** When the binding is not named as the role. */
  readonly bindingName?: string;
  readonly rules: readonly string[];
  readonly subjects: readonly Subject[];
  readonly isKubeadm?: boolean;
}

function account(name: string): Subject {
  return { kind: 'ServiceAccount', name, namespace: 'kube-system' };
}

function component(name: string): Subject {
  return { kind: 'User', name: `system:${name}` };
}

function asJson({ kind, name, namespace }: Subject): JsonObject {
  return namespace === undefined ? { apiGroup: GROUP, kind, name } : { kind, name, namespace };
}

function toward(role: string): JsonObject {
  return { [`${GROUP}/aggregate-to-${role}`]: 'true' };
}

function clusterRole(name: string, rules: readonly string[], labels: JsonObject = {}): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: { ...BOOTSTRAP, name, labels: { ...BOOTSTRAP.labels, ...labels } },
    rules: rulesOf(rules),
  };
}

// The aggregating roles hold their rules from the start, as they do once their controller has run.
function aggregate(name: string, rules: readonly string[], labels: JsonObject): JsonObject {
  return {
    ...clusterRole(name, rules, labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: toward(name) }] },
  };
}

/** A binding of the API server's own, named as its role. */
function own(name: string, ...subjects: readonly Subject[]): JsonObject {
  return clusterRoleBinding({ name, role: name, subjects, metadata: BOOTSTRAP });
}

function kubeadm(name: string, role: string, subject: Subject): JsonObject {
  return clusterRoleBinding({ name: `kubeadm:${name}`, role, subjects: [subject] });
}

interface BindingOptions {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
  readonly metadata?: JsonObject;
}

function clusterRoleBinding({ name, role, subjects, metadata = {} }: BindingOptions): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { ...metadata, name },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    ...(subjects.length > 0 && { subjects: subjects.map(asJson) }),
  };
}
