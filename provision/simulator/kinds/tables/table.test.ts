import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asKubeObject, listAt, stringAt, textsAt } from '../json.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';
import { toTable } from './table.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const CREATED = '2026-01-01T00:55:00Z';

function object(
  apiVersion: string,
  kind: string,
  rest: JsonObject,
  extraMetadata: JsonObject = {},
): KubeObject {
  const metadata = {
    name: 'web',
    namespace: 'default',
    uid: '1',
    resourceVersion: '7',
    creationTimestamp: CREATED,
    ...extraMetadata,
  };
  return asKubeObject({ apiVersion, kind, metadata, ...rest });
}

/** The table's cells as kubectl would print them, `-o wide` included. */
function rows(objects: readonly KubeObject[]): readonly string[] {
  const [first] = objects;
  const kind = builtinKinds().find(
    (one) =>
      one.kind === first?.kind &&
      first.apiVersion === (one.group === '' ? one.version : `${one.group}/${one.version}`),
  );
  assert.ok(kind);
  const table = toTable(kind, objects, { nowMs: NOW });
  const titles = listAt(table, 'columnDefinitions').map((column) => stringAt(column, 'name'));
  const lines = listAt(table, 'rows').map((row) => textsAt(row, 'cells').join(' | '));
  return [titles.join(' | '), ...lines];
}

function pod(spec: JsonObject, status: JsonObject, metadata: JsonObject = {}): KubeObject {
  return object('v1', 'Pod', { spec, status }, metadata);
}

function running(name: string, ready: boolean): JsonObject {
  return { name, ready, restartCount: 0, started: true, state: { running: {} } };
}

const one = { containers: [{ name: 'a' }] };
const sidecar = {
  containers: [{ name: 'a' }],
  initContainers: [{ name: 's', restartPolicy: 'Always' }],
};

function waiting(reason: string): JsonObject {
  return { name: 'a', ready: false, restartCount: 2, state: { waiting: { reason } } };
}

function ended(terminated: JsonObject): JsonObject {
  return { name: 'a', ready: false, restartCount: 0, state: { terminated } };
}

test('a table of pods tells what every pod is doing in the words of kubectl get', () => {
  const pods = [
    pod(one, { phase: 'Pending' }),
    pod(one, { phase: 'Running', podIP: '10.244.1.2', containerStatuses: [running('a', true)] }),
    pod(one, { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] }),
    pod(one, {
      phase: 'Running',
      containerStatuses: [
        {
          ...running('a', true),
          restartCount: 3,
          lastState: { terminated: { finishedAt: CREATED } },
        },
      ],
    }),
    pod(one, {
      phase: 'Succeeded',
      containerStatuses: [ended({ exitCode: 0, reason: 'Completed' })],
    }),
    pod(one, { phase: 'Failed', containerStatuses: [ended({ exitCode: 3 })] }),
    pod(one, { phase: 'Failed', reason: 'Evicted' }),
    pod(
      one,
      { phase: 'Running', containerStatuses: [running('a', true)] },
      { deletionTimestamp: CREATED },
    ),
    pod(sidecar, {
      phase: 'Pending',
      initContainerStatuses: [{ ...running('s', false), started: false }],
    }),
    pod(sidecar, {
      phase: 'Pending',
      initContainerStatuses: [{ name: 's', state: { waiting: { reason: 'ErrImagePull' } } }],
    }),
    pod(sidecar, {
      phase: 'Running',
      initContainerStatuses: [running('s', true)],
      containerStatuses: [running('a', true)],
    }),
    pod(
      { ...one, readinessGates: [{ conditionType: 'lb' }] },
      {
        phase: 'Running',
        conditions: [{ type: 'lb', status: 'True' }],
        containerStatuses: [running('a', false)],
      },
    ),
  ];
  assert.deepEqual(rows(pods), [
    'Name | Ready | Status | Restarts | Age | IP | Node | Nominated Node | Readiness Gates',
    'web | 0/1 | Pending | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 1/1 | Running | 0 | 5m | 10.244.1.2 | <none> | <none> | <none>',
    'web | 0/1 | CrashLoopBackOff | 2 | 5m | <none> | <none> | <none> | <none>',
    'web | 1/1 | Running | 3 (5m ago) | 5m | <none> | <none> | <none> | <none>',
    'web | 0/1 | Completed | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 0/1 | ExitCode:3 | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 0/1 | Evicted | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 1/1 | Terminating | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 0/2 | Init:0/1 | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 0/2 | Init:ErrImagePull | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 2/2 | Running | 0 | 5m | <none> | <none> | <none> | <none>',
    'web | 0/1 | Running | 0 | 5m | <none> | <none> | <none> | 1/1',
  ]);
});

test('a table of services tells what reaches them', () => {
  const ports = [
    { port: 80, protocol: 'TCP', nodePort: 30_080 },
    { port: 443, protocol: 'TCP' },
  ];
  const services = [
    {
      type: 'ClusterIP',
      clusterIP: '10.96.0.5',
      ports: [{ port: 80, protocol: 'TCP' }],
      selector: { app: 'web' },
    },
    { type: 'ClusterIP', clusterIP: 'None' },
    { type: 'LoadBalancer', clusterIP: '10.96.0.6', ports },
    { type: 'ExternalName', externalName: 'example.com' },
  ].map((spec) => object('v1', 'Service', { spec }));
  const given = object('v1', 'Service', {
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.7', ports },
    status: { loadBalancer: { ingress: [{ ip: '172.30.255.1' }] } },
  });
  assert.deepEqual(rows([...services, given]), [
    'Name | Type | Cluster-IP | External-IP | Port(s) | Age | Selector',
    'web | ClusterIP | 10.96.0.5 | <none> | 80/TCP | 5m | app=web',
    'web | ClusterIP | None | <none> | <none> | 5m | <none>',
    'web | LoadBalancer | 10.96.0.6 | <pending> | 80:30080/TCP,443/TCP | 5m | <none>',
    'web | ExternalName | <none> | example.com | <none> | 5m | <none>',
    'web | LoadBalancer | 10.96.0.7 | 172.30.255.1 | 80:30080/TCP,443/TCP | 5m | <none>',
  ]);
});

test('tables of workloads count their pods', () => {
  const template = {
    spec: {
      containers: [
        { name: 'a', image: 'i:1' },
        { name: 'b', image: 'j' },
      ],
    },
  };
  const selector = { matchLabels: { app: 'web' } };
  assert.deepEqual(
    [
      rows([
        object('apps/v1', 'Deployment', {
          spec: { replicas: 3, template, selector },
          status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
        }),
      ]),
      rows([
        object('apps/v1', 'DaemonSet', {
          spec: { template, selector },
          status: { desiredNumberScheduled: 2 },
        }),
      ]),
      rows([
        object('batch/v1', 'Job', {
          spec: { completions: 3, template },
          status: { succeeded: 1, startTime: CREATED },
        }),
      ]),
      rows([
        object('batch/v1', 'CronJob', {
          spec: { schedule: '*/5 * * * *', suspend: false, jobTemplate: { spec: { template } } },
          status: {},
        }),
      ]),
    ],
    [
      [
        'Name | Ready | Up-to-date | Available | Age | Containers | Images | Selector',
        'web | 2/3 | 3 | 1 | 5m | a,b | i:1,j | app=web',
      ],
      [
        'Name | Desired | Current | Ready | Up-to-date | Available | Node Selector | Age | Containers | Images | Selector',
        'web | 2 | 0 | 0 | 0 | 0 | <none> | 5m | a,b | i:1,j | app=web',
      ],
      [
        'Name | Status | Completions | Duration | Age | Containers | Images | Selector',
        'web | Running | 1/3 | 5m | 5m | a,b | i:1,j | <none>',
      ],
      [
        'Name | Schedule | Timezone | Suspend | Active | Last Schedule | Age | Containers | Images | Selector',
        'web | */5 * * * * | <none> | False | 0 | <none> | 5m | a,b | i:1,j | <none>',
      ],
    ],
  );
});

test('tables of nodes, events, endpoints, autoscalers and bindings say it in one line', () => {
  const addresses = ['1', '2', '3', '4'].map((last) => ({ ip: `10.244.0.${last}` }));
  const labels = { 'node-role.kubernetes.io/control-plane': '' };
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  const status = { ...ready, nodeInfo: { kubeletVersion: 'v1.34.2' } };
  const node = object('v1', 'Node', { spec: { unschedulable: true }, status }, { labels });
  assert.deepEqual(
    [
      rows([node])[1],
      rows([
        object('v1', 'Event', {
          involvedObject: { kind: 'Pod', name: 'web-1' },
          type: 'Normal',
          reason: 'Pulled',
          message: 'done\n',
          lastTimestamp: CREATED,
          source: { component: 'kubelet', host: 'node01' },
        }),
      ])[1],
      rows([object('v1', 'Endpoints', { subsets: [{ addresses, ports: [{ port: 80 }] }] })])[1],
      rows([
        object('autoscaling/v2', 'HorizontalPodAutoscaler', {
          spec: {
            scaleTargetRef: { kind: 'Deployment', name: 'web' },
            minReplicas: 1,
            maxReplicas: 5,
            metrics: [
              { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } },
            ],
          },
          status: { currentReplicas: 2 },
        }),
      ])[1],
      rows([
        object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
          roleRef: { kind: 'ClusterRole', name: 'view' },
          subjects: [{ kind: 'ServiceAccount', namespace: 'a', name: 'b' }],
        }),
      ])[1],
      rows([
        object('v1', 'ResourceQuota', {
          status: { hard: { pods: '10', 'limits.cpu': '2' }, used: { pods: '1' } },
        }),
      ])[1],
    ],
    [
      'web | Ready,SchedulingDisabled | control-plane | 5m | v1.34.2 | <none> | <none> | <unknown> | <unknown> | <unknown>',
      '5m | Normal | Pulled | pod/web-1 |  | kubelet, node01 | done | <unknown> | 1 | web',
      'web | 10.244.0.1:80,10.244.0.2:80,10.244.0.3:80 + 1 more... | 5m',
      'web | Deployment/web | cpu: <unknown>/80% | 1 | 5 | 2 | 5m',
      'web | ClusterRole/view | 5m |  |  | a/b',
      'web | pods: 1/10 | limits.cpu: 0/2 | 5m',
    ],
  );
});

test('toTable() makes a meta/v1 Table whose rows carry metadata and say when a pod is finished', () => {
  const kind = builtinKinds().find((candidate) => candidate.kind === 'Pod');
  assert.ok(kind);
  const done = pod(one, { phase: 'Succeeded' });
  const table = toTable(kind, [done], { nowMs: NOW, resourceVersion: '9', hasColumns: false });
  assert.deepEqual(table, {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '9' },
    columnDefinitions: [],
    rows: [
      {
        cells: ['web', '0/1', 'Succeeded', '0', '5m', '<none>', '<none>', '<none>', '<none>'],
        conditions: [
          {
            type: 'Completed',
            status: 'True',
            reason: 'Succeeded',
            message: 'The pod has completed successfully.',
          },
        ],
        object: {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: done.metadata,
        },
      },
    ],
  });
});
