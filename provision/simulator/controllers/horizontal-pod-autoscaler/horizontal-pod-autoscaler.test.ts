import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Resource } from '../../client/client.ts';
import { deployments, horizontalPodAutoscalers, pods } from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';

const NOW = '2026-01-01T00:00:00Z';
const podMetrics: Resource = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
  isNamespaced: true,
};

/** Deployment `web` with two running pods that ask for 100m of CPU, and an autoscaler for 50 %. */
async function clusterWith(limits: object): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } } },
  });
  for (const name of ['a', 'b']) {
    const pod = await cluster.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
    });
    await cluster.reportPod(pod, readyStatus('10.244.1.2', NOW));
  }
  await cluster.create(horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
      ...limits,
    },
  });
  return cluster;
}

async function measure(cluster: FakeCluster, cpu: string): Promise<void> {
  for (const name of ['a', 'b']) {
    const metadata = { name, namespace: 'default' };
    const containers = [{ name: 'c', usage: { cpu } }];
    const metrics = {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata,
      containers,
    };
    const isThere = cluster.get(podMetrics, name, 'default') !== undefined;
    await (isThere ? cluster.update(podMetrics, metrics) : cluster.create(podMetrics, metrics));
  }
}

function replicas(cluster: FakeCluster): number | undefined {
  return cluster.get(deployments, 'web', 'default')?.spec.replicas;
}

test('without a metrics server an autoscaler says what upstream says, once, and waits without a timer', async () => {
  await using cluster = await clusterWith({ minReplicas: 1, maxReplicas: 5 });
  await cluster.run(horizontalPodAutoscalerController);
  await cluster.clock.advance(600_000);
  const cause =
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  assert.deepEqual(cluster.get(horizontalPodAutoscalers, 'web', 'default')?.status, {
    currentReplicas: 2,
    desiredReplicas: 2,
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'SucceededGetScale',
        message: "the HPA controller was able to get the target's current scale",
        lastTransitionTime: NOW,
      },
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetResourceMetric',
        message: `the HPA was unable to compute the replica count: ${cause}`,
        lastTransitionTime: NOW,
      },
    ],
  });
  assert.deepEqual(cluster.eventTexts(), [`Warning FailedGetResourceMetric web: ${cause}`]);
});

test('an autoscaler brings its target within the limits, metrics or not', async () => {
  await using cluster = await clusterWith({ minReplicas: 3, maxReplicas: 5 });
  await cluster.run(horizontalPodAutoscalerController);
  assert.equal(replicas(cluster), 3);
  assert.equal(
    cluster.eventTexts()[0],
    'Normal SuccessfulRescale web: New size: 3; reason: Current number of replicas below Spec.MinReplicas',
  );
});

test('with metrics an autoscaler grows at once and shrinks after five quiet minutes', async () => {
  await using cluster = await clusterWith({ minReplicas: 1, maxReplicas: 5 });
  await measure(cluster, '90m');
  await cluster.run(horizontalPodAutoscalerController);
  assert.equal(replicas(cluster), 4);
  assert.equal(
    cluster.eventTexts()[0],
    'Normal SuccessfulRescale web: New size: 4; reason: cpu resource utilization (percentage of request) above target',
  );
  await measure(cluster, '10m');
  await cluster.clock.advance(240_000);
  assert.equal(replicas(cluster), 4);
  await cluster.clock.advance(120_000);
  assert.equal(replicas(cluster), 1);
});
