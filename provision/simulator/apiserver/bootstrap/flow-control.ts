/** Suggested and mandatory objects of priority and fairness (Kubernetes documentation, "API Priority and Fairness", defaults). */
import type { Json, JsonObject } from '../../kinds/object.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
/** The server keeps these as they are by itself, until an administrator says otherwise. */
const ANNOTATIONS = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

/** Priority levels and flow schemas of a new cluster, in the order of creation. */
export function flowControlObjects(): readonly JsonObject[] {
  return [...PRIORITY_LEVELS, ...FLOW_SCHEMAS];
}

const PRIORITY_LEVELS: readonly JsonObject[] = [
  level('exempt', {
    type: 'Exempt',
    exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
  }),
  level('catch-all', limited({ shares: 5, lendable: 0 })),
  level('system', limited({ shares: 30, lendable: 33, queues: [64, 6] })),
  level('node-high', limited({ shares: 40, lendable: 25, queues: [64, 6] })),
  level('leader-election', limited({ shares: 10, lendable: 0, queues: [16, 4] })),
  level('workload-high', limited({ shares: 40, lendable: 50, queues: [128, 6] })),
  level('workload-low', limited({ shares: 100, lendable: 90, queues: [128, 6] })),
  level('global-default', limited({ shares: 20, lendable: 50, queues: [128, 6] })),
];

const EVERYBODY = [group('system:unauthenticated'), group('system:authenticated')];
const KUBE_SYSTEM_ACCOUNTS = account('*');
const EVERYTHING = {
  resourceRules: [rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true })],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const ELECTIONS = {
  resourceRules: [
    rule({
      verbs: ['get', 'create', 'update'],
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
    }),
  ],
};
const OF_NODES = {
  resourceRules: [
    {
      verbs: ['*'],
      apiGroups: [''],
      resources: ['nodes', 'nodes/status'],
      clusterScope: true,
    },
    rule({ verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] }),
  ],
};
const OF_ENDPOINTS = {
  resourceRules: [
    rule({ verbs: ['get', 'create', 'update'], apiGroups: [''], resources: ['endpoints'] }),
  ],
};
const PROBES = {
  nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
};

const FLOW_SCHEMAS: readonly JsonObject[] = [
  schema('exempt', 1, { level: 'exempt' }, { ...EVERYTHING, subjects: [group('system:masters')] }),
  schema('probes', 2, { level: 'exempt' }, { ...PROBES, subjects: EVERYBODY }),
  schema(
    'system-leader-election',
    100,
    { level: 'leader-election', by: 'ByUser' },
    {
      ...ELECTIONS,
      subjects: [user('kube-controller-manager'), user('kube-scheduler'), KUBE_SYSTEM_ACCOUNTS],
    },
  ),
  schema(
    'endpoint-controller',
    150,
    { level: 'workload-high', by: 'ByUser' },
    {
      ...OF_ENDPOINTS,
      subjects: [
        user('kube-controller-manager'),
        account('endpoint-controller'),
        account('endpointslicemirroring-controller'),
      ],
    },
  ),
  schema(
    'workload-leader-election',
    200,
    { level: 'leader-election', by: 'ByUser' },
    { ...ELECTIONS, subjects: [KUBE_SYSTEM_ACCOUNTS] },
  ),
  schema(
    'system-node-high',
    400,
    { level: 'node-high', by: 'ByUser' },
    { ...OF_NODES, subjects: [group('system:nodes')] },
  ),
  schema(
    'system-nodes',
    500,
    { level: 'system', by: 'ByUser' },
    { ...EVERYTHING, subjects: [group('system:nodes')] },
  ),
  schema(
    'kube-controller-manager',
    800,
    { level: 'workload-high', by: 'ByNamespace' },
    { ...EVERYTHING, subjects: [user('kube-controller-manager')] },
  ),
  schema(
    'kube-scheduler',
    800,
    { level: 'workload-high', by: 'ByNamespace' },
    { ...EVERYTHING, subjects: [user('kube-scheduler')] },
  ),
  schema(
    'kube-system-service-accounts',
    900,
    { level: 'workload-high', by: 'ByNamespace' },
    { ...EVERYTHING, subjects: [KUBE_SYSTEM_ACCOUNTS] },
  ),
  schema(
    'service-accounts',
    9000,
    { level: 'workload-low', by: 'ByUser' },
    { ...EVERYTHING, subjects: [group('system:serviceaccounts')] },
  ),
  schema(
    'global-default',
    9900,
    { level: 'global-default', by: 'ByUser' },
    { ...EVERYTHING, subjects: EVERYBODY },
  ),
  schema(
    'catch-all',
    10_000,
    { level: 'catch-all', by: 'ByUser' },
    { ...EVERYTHING, subjects: EVERYBODY },
  ),
];

interface Limits {
  readonly shares: number;
  /** How much of it others may borrow, in percent. */
  readonly lendable: number;
  /** Queues and size of a hand; requests are rejected without. */
  readonly queues?: readonly [number, number];
}

function level(name: string, spec: JsonObject): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: 'PriorityLevelConfiguration',
    metadata: { name, annotations: ANNOTATIONS },
    spec,
  };
}

function limited({ shares, lendable, queues }: Limits): JsonObject {
  const [count = 0, handSize = 0] = queues ?? [];
  const limitResponse: JsonObject = queues
    ? { type: 'Queue', queuing: { queues: count, handSize, queueLengthLimit: 50 } }
    : { type: 'Reject' };
  return {
    type: 'Limited',
    limited: { nominalConcurrencyShares: shares, lendablePercent: lendable, limitResponse },
  };
}

/** @param goal the priority level, and what tells flows apart */
function schema(
  name: string,
  matchingPrecedence: number,
  goal: { readonly level: string; readonly by?: string },
  rules: JsonObject,
): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: 'FlowSchema',
    metadata: { name, annotations: ANNOTATIONS },
    spec: {
      matchingPrecedence,
      priorityLevelConfiguration: { name: goal.level },
      ...(goal.by !== undefined && { distinguisherMethod: { type: goal.by } }),
      rules: [rules],
    },
  };
}

function rule(what: JsonObject): JsonObject {
  return { ...what, namespaces: ['*'] };
}

function group(name: string): Json {
  return { kind: 'Group', group: { name } };
}

function user(component: string): Json {
  return { kind: 'User', user: { name: `system:${component}` } };
}

function account(name: string): Json {
  return { kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } };
}
