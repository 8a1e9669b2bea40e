import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeProtobuf } from './decode.ts';
import { messageType } from './schema.ts';

/** A body as kubectl frames it. */
function frame(apiVersion: string, kind: string, packageName: string, object: object): Buffer {
  const unknown = messageType('runtime', 'Unknown');
  const type = messageType(packageName, kind);
  assert.ok(unknown && type);
  const raw = type.encode(type.fromObject(object)).finish();
  const envelope = unknown.fromObject({ typeMeta: { apiVersion, kind }, raw });
  return Buffer.concat([Buffer.from('k8s\0'), unknown.encode(envelope).finish()]);
}

test('decodeProtobuf() gives the JSON of a Deployment: quantities, ports, inlined fields, no empty values', () => {
  const body = frame('apps/v1', 'Deployment', 'apps.v1', {
    metadata: {
      name: 'web',
      namespace: '',
      creationTimestamp: {},
      generation: 0,
      labels: { app: 'web' },
    },
    spec: {
      replicas: 0,
      minReadySeconds: 0,
      template: {
        spec: {
          volumes: [
            {
              name: 'config',
              volumeSource: { configMap: { localObjectReference: { name: 'settings' } } },
            },
          ],
          containers: [
            {
              name: 'web',
              image: 'nginx',
              resources: { requests: { cpu: { string: '100m' } } },
              readinessProbe: {
                handler: { httpGet: { path: '/', port: { type: 1, intVal: 0, strVal: 'http' } } },
                initialDelaySeconds: 0,
              },
            },
          ],
        },
      },
    },
  });
  assert.deepEqual(decodeProtobuf(body), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      replicas: 0,
      template: {
        spec: {
          volumes: [{ name: 'config', configMap: { name: 'settings' } }],
          containers: [
            {
              name: 'web',
              image: 'nginx',
              resources: { requests: { cpu: '100m' } },
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
        },
      },
    },
  });
});

test('decodeProtobuf() refuses kinds it has no message for, by name', () => {
  const unknown = messageType('runtime', 'Unknown');
  assert.ok(unknown);
  const envelope = unknown.fromObject({ typeMeta: { apiVersion: 'apps/v1', kind: 'DaemonSet' } });
  const body = Buffer.concat([Buffer.from('k8s\0'), unknown.encode(envelope).finish()]);
  assert.throws(() => decodeProtobuf(body), {
    code: 400,
    message:
      'Cannot read the protobuf body: this simulator does not know the message apps.v1.DaemonSet; send JSON',
  });
});

test('decodeProtobuf() leaves out the zeros that Go writes for what is not set, and keeps those that say something', () => {
  const service = frame('v1', 'Service', 'core.v1', {
    metadata: { name: 'web' },
    spec: {
      ports: [{ name: '', port: 80, nodePort: 0, targetPort: { type: 0, intVal: 0, strVal: '' } }],
      healthCheckNodePort: 0,
      publishNotReadyAddresses: false,
      allocateLoadBalancerNodePorts: false,
    },
  });
  assert.deepEqual(decodeProtobuf(service), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80, targetPort: 0 }], allocateLoadBalancerNodePorts: false },
  });
  const autoscaler = frame('autoscaling/v1', 'HorizontalPodAutoscaler', 'autoscaling.v1', {
    metadata: { name: 'web' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 0, maxReplicas: 3 },
  });
  assert.deepEqual(decodeProtobuf(autoscaler), {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 0, maxReplicas: 3 },
  });
});
