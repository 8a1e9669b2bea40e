import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../kinds/object.ts';
import { convert } from './convert.ts';

const selector = { matchLabels: { queue: 'tasks' } };
const AUTOSCALER: JsonObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations: { note: 'mine' } },
  spec: {
    maxReplicas: 5,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
      },
      {
        type: 'Resource',
        resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
      },
      {
        type: 'ContainerResource',
        containerResource: {
          name: 'cpu',
          container: 'app',
          target: { type: 'Utilization', averageUtilization: 70 },
        },
      },
      {
        type: 'Pods',
        pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1k' } },
      },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
          metric: { name: 'rps' },
          target: { type: 'Value', value: '2k' },
        },
      },
      {
        type: 'External',
        external: {
          metric: { name: 'length', selector },
          target: { type: 'AverageValue', averageValue: '30' },
        },
      },
    ],
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '80m' } },
      },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale' }],
  },
};

test('convert() writes into annotations of autoscaling/v1 what it has no field for, as upstream does', () => {
  assert.deepEqual(convert(AUTOSCALER, 'autoscaling/v1'), {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: 'web',
      annotations: {
        note: 'mine',
        'autoscaling.alpha.kubernetes.io/metrics':
          '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}},' +
          '{"type":"ContainerResource","containerResource":{"name":"cpu","targetAverageUtilization":70,"container":"app"}},' +
          '{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"1k"}},' +
          '{"type":"Object","object":{"target":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"main"},"metricName":"rps","targetValue":"2k"}},' +
          '{"type":"External","external":{"metricName":"length","metricSelector":{"matchLabels":{"queue":"tasks"}},"targetAverageValue":"30"}}]',
        'autoscaling.alpha.kubernetes.io/behavior':
          '{"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}]}}',
        'autoscaling.alpha.kubernetes.io/conditions':
          '[{"type":"AbleToScale","status":"True","reason":"ReadyForNewScale"}]',
        'autoscaling.alpha.kubernetes.io/current-metrics':
          '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":80,"currentAverageValue":"80m"}}]',
      },
    },
    spec: { maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
    status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 80 },
  });
});

test('convert() brings an autoscaler back from autoscaling/v1 as it was', () => {
  const plain = convert(AUTOSCALER, 'autoscaling/v1');
  assert.deepEqual(convert(plain, 'autoscaling/v2'), AUTOSCALER);
});

test('convert() passes over an annotation that somebody has spoilt', () => {
  const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': 'no JSON' };
  const spec = { maxReplicas: 5, targetCPUUtilizationPercentage: 60 };
  const head = { kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', annotations }, spec };
  const [cpu] = [{ name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } }];
  assert.deepEqual(convert({ apiVersion: 'autoscaling/v1', ...head }, 'autoscaling/v2'), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { maxReplicas: 5, metrics: [{ type: 'Resource', resource: cpu }] },
  });
});
