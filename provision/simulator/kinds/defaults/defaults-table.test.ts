import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asJson, asKubeObject } from '../json.ts';
import type { JsonObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';

/** What of an object is given, and what is stored of it; metadata and type are left out. */
interface Case {
  readonly kind: string;
  readonly version?: string;
  readonly given: JsonObject;
  readonly stored: JsonObject;
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } };
const storedTemplate = {
  ...template,
  spec: {
    containers: [],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
};
const selector = { matchLabels: { app: 'web' } };
const claimStatus = { phase: 'Pending' };

// What `kubectl create --dry-run=server -o yaml` adds on a real cluster (the defaults.go of each group).
const CASES: readonly Case[] = [
  {
    kind: 'StatefulSet',
    given: {
      spec: { selector, template, serviceName: 'web', volumeClaimTemplates: [{ spec: {} }] },
    },
    stored: {
      spec: {
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        podManagementPolicy: 'OrderedReady',
        replicas: 1,
        revisionHistoryLimit: 10,
        selector,
        serviceName: 'web',
        template: storedTemplate,
        updateStrategy: { rollingUpdate: { partition: 0 }, type: 'RollingUpdate' },
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: {},
            spec: { resources: {}, volumeMode: 'Filesystem' },
            status: claimStatus,
          },
        ],
      },
      status: { availableReplicas: 0, replicas: 0 },
    },
  },
  {
    kind: 'DaemonSet',
    given: { spec: { selector, template } },
    stored: {
      spec: {
        revisionHistoryLimit: 10,
        selector,
        template: storedTemplate,
        updateStrategy: {
          rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
          type: 'RollingUpdate',
        },
      },
      status: {
        currentNumberScheduled: 0,
        desiredNumberScheduled: 0,
        numberMisscheduled: 0,
        numberReady: 0,
      },
    },
  },
  {
    kind: 'Deployment',
    given: { spec: { selector, template, strategy: { type: 'Recreate' } } },
    stored: {
      spec: {
        progressDeadlineSeconds: 600,
        replicas: 1,
        revisionHistoryLimit: 10,
        selector,
        strategy: { type: 'Recreate' },
        template: storedTemplate,
      },
      status: {},
    },
  },
  {
    kind: 'ReplicaSet',
    given: { spec: { selector, template } },
    stored: { spec: { replicas: 1, selector, template: storedTemplate }, status: { replicas: 0 } },
  },
  {
    kind: 'CronJob',
    given: { spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } },
    stored: {
      spec: {
        concurrencyPolicy: 'Allow',
        failedJobsHistoryLimit: 1,
        jobTemplate: { metadata: {}, spec: { template: storedTemplate } },
        schedule: '* * * * *',
        successfulJobsHistoryLimit: 3,
        suspend: false,
      },
      status: {},
    },
  },
  {
    kind: 'HorizontalPodAutoscaler',
    version: 'v2',
    given: { spec: { maxReplicas: 3, behavior: { scaleDown: { selectPolicy: 'Disabled' } } } },
    stored: {
      spec: {
        behavior: {
          scaleDown: {
            policies: [{ periodSeconds: 15, type: 'Percent', value: 100 }],
            selectPolicy: 'Disabled',
          },
          scaleUp: {
            policies: [
              { periodSeconds: 15, type: 'Pods', value: 4 },
              { periodSeconds: 15, type: 'Percent', value: 100 },
            ],
            selectPolicy: 'Max',
            stabilizationWindowSeconds: 0,
          },
        },
        maxReplicas: 3,
        metrics: [
          {
            resource: { name: 'cpu', target: { averageUtilization: 80, type: 'Utilization' } },
            type: 'Resource',
          },
        ],
        minReplicas: 1,
      },
    },
  },
  {
    kind: 'LimitRange',
    given: {
      spec: {
        limits: [
          { type: 'Container', max: { cpu: '1' }, min: { cpu: '100m', memory: '1Mi' } },
          { type: 'Pod', max: { cpu: '2' } },
        ],
      },
    },
    stored: {
      spec: {
        limits: [
          {
            type: 'Container',
            max: { cpu: '1' },
            min: { cpu: '100m', memory: '1Mi' },
            default: { cpu: '1' },
            defaultRequest: { cpu: '1', memory: '1Mi' },
          },
          { type: 'Pod', max: { cpu: '2' } },
        ],
      },
    },
  },
  {
    kind: 'PersistentVolume',
    given: { spec: { capacity: { storage: '1Gi' }, hostPath: { path: '/data' } } },
    stored: {
      spec: {
        capacity: { storage: '1Gi' },
        hostPath: { path: '/data', type: '' },
        persistentVolumeReclaimPolicy: 'Retain',
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Pending' },
    },
  },
  {
    kind: 'NetworkPolicy',
    given: { spec: { egress: [{ ports: [{ port: 53 }] }] } },
    stored: {
      spec: {
        egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
      },
    },
  },
  {
    kind: 'IngressClass',
    given: { spec: { controller: 'example.com/c', parameters: { kind: 'P', name: 'p' } } },
    stored: {
      spec: { controller: 'example.com/c', parameters: { kind: 'P', name: 'p', scope: 'Cluster' } },
    },
  },
  {
    kind: 'RoleBinding',
    given: {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
      ],
    },
    stored: {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
      ],
    },
  },
  {
    kind: 'StorageClass',
    given: { provisioner: 'p' },
    stored: { provisioner: 'p', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  },
  {
    kind: 'MutatingWebhookConfiguration',
    given: {
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { service: { name: 's', namespace: 'n' } },
          rules: [{ apiGroups: ['*'] }],
        },
      ],
    },
    stored: {
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { service: { name: 's', namespace: 'n', port: 443 } },
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          reinvocationPolicy: 'Never',
          rules: [{ apiGroups: ['*'], scope: '*' }],
          timeoutSeconds: 10,
        },
      ],
    },
  },
  {
    kind: 'PriorityClass',
    given: { value: 1 },
    stored: { value: 1, preemptionPolicy: 'PreemptLowerPriority' },
  },
  {
    kind: 'PriorityLevelConfiguration',
    given: {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    },
    stored: {
      spec: {
        type: 'Limited',
        limited: {
          lendablePercent: 0,
          limitResponse: {
            type: 'Queue',
            queuing: { handSize: 8, queueLengthLimit: 50, queues: 64 },
          },
          nominalConcurrencyShares: 30,
        },
      },
    },
  },
];

for (const { kind: kindName, version = 'v1', given, stored } of CASES) {
  test(`a ${kindName} is stored with the defaults that upstream gives it`, () => {
    const kind = builtinKinds().find((one) => one.kind === kindName && one.version === version);
    assert.ok(kind);
    const object = kind.applyDefaults(asKubeObject({ kind: kindName, metadata: {}, ...given }));
    const { kind: _kind, metadata: _metadata, ...rest } = asJson(object);
    assert.deepEqual(rest, stored);
    assert.equal(kind.applyDefaults(object), object, 'a complete object is left as it is');
  });
}

test('a Pod that uses the rare parts of its spec is completed there as well', () => {
  const kind = builtinKinds().find((one) => one.kind === 'Pod');
  assert.ok(kind);
  const given = {
    hostNetwork: true,
    resources: { limits: { cpu: 1, memory: '1024Mi' } },
    containers: [
      {
        name: 'web',
        image: 'nginx@sha256:0',
        ports: [{ containerPort: 80 }],
        startupProbe: { timeoutSeconds: 0, grpc: { port: 1 } },
        resources: { requests: { memory: '1Mi' } },
        env: [{ name: 'N', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
      },
    ],
    volumes: [
      { name: 'claim', ephemeral: { volumeClaimTemplate: { spec: {} } } },
      { name: 'all', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
    ],
  };
  const object = kind.applyDefaults(asKubeObject({ kind: 'Pod', metadata: {}, spec: given }));
  assert.deepEqual(asJson(object)['spec'], {
    ...storedTemplate.spec,
    enableServiceLinks: true,
    hostNetwork: true,
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1' } },
    containers: [
      {
        name: 'web',
        image: 'nginx@sha256:0',
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
        startupProbe: {
          failureThreshold: 3,
          grpc: { port: 1, service: '' },
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 1,
        },
        resources: { requests: { memory: '1Mi' } },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        env: [
          {
            name: 'N',
            valueFrom: { resourceFieldRef: { divisor: '0', resource: 'limits.cpu' } },
          },
        ],
      },
    ],
    volumes: [
      {
        name: 'claim',
        ephemeral: {
          volumeClaimTemplate: { metadata: {}, spec: { resources: {}, volumeMode: 'Filesystem' } },
        },
      },
      {
        name: 'all',
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { expirationSeconds: 3600, path: 't' } }],
        },
      },
    ],
  });
});
