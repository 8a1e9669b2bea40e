import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asJson, asKubeObject } from '../json.ts';
import type { JsonObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';

/** The object as it is stored, but for its type and metadata. */
function completed(kindName: string, rest: JsonObject): JsonObject {
  const kind = builtinKinds().find((one) => one.kind === kindName);
  assert.ok(kind);
  const object = kind.applyDefaults(asKubeObject({ kind: kindName, metadata: {}, ...rest }));
  const { kind: _kind, metadata: _metadata, ...stored } = asJson(object);
  assert.equal(kind.applyDefaults(object), object, 'a complete object is left as it is');
  return stored;
}

const container = {
  imagePullPolicy: 'Always',
  name: 'web',
  image: 'nginx',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const podSpec = {
  containers: [container],
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

test('a Deployment is completed as kubectl get -o yaml shows it', () => {
  const template = { metadata: {}, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
  assert.deepEqual(completed('Deployment', { spec: { template } }), {
    spec: {
      progressDeadlineSeconds: 600,
      replicas: 1,
      revisionHistoryLimit: 10,
      strategy: {
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
        type: 'RollingUpdate',
      },
      template: { metadata: {}, spec: podSpec },
    },
    status: {},
  });
});

test('a Pod gets the defaults of ports, probes, volumes and requests', () => {
  const spec = {
    serviceAccountName: 'builder',
    containers: [
      {
        name: 'web',
        image: 'registry:5000/nginx:1.27',
        ports: [{ containerPort: 80 }],
        livenessProbe: { httpGet: { port: 80 } },
        env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } },
      },
    ],
    volumes: [{ name: 'tmp' }, { name: 'config', configMap: { name: 'c' } }],
  };
  assert.deepEqual(completed('Pod', { spec }), {
    spec: {
      ...podSpec,
      enableServiceLinks: true,
      serviceAccount: 'builder',
      serviceAccountName: 'builder',
      containers: [
        {
          ...container,
          image: 'registry:5000/nginx:1.27',
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          livenessProbe: {
            failureThreshold: 3,
            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
          env: [
            {
              name: 'IP',
              valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } },
            },
          ],
          resources: { limits: { cpu: '1' }, requests: { cpu: '1', memory: '1Gi' } },
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'config', configMap: { name: 'c', defaultMode: 420 } },
      ],
    },
  });
});

test('a LoadBalancer Service is completed but for its addresses', () => {
  assert.deepEqual(
    completed('Service', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }),
    {
      spec: {
        allocateLoadBalancerNodePorts: true,
        externalTrafficPolicy: 'Cluster',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        sessionAffinity: 'None',
        type: 'LoadBalancer',
      },
      status: { loadBalancer: {} },
    },
  );
});

test('a Job takes the labels of its pods and one completion', () => {
  const template = { metadata: { labels: { app: 'once' } }, spec: podSpec };
  assert.deepEqual(completed('Job', { spec: { template } }), {
    spec: {
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: 1,
      manualSelector: false,
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      suspend: false,
      template,
    },
    status: {},
  });
});
