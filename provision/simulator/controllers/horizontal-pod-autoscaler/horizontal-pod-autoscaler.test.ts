import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../../client/client.ts';
import { timestampOf } from '../../clock.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { apiServices, deployments, horizontalPodAutoscalers, pods } from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';
import { podMetrics } from './pod-metrics.ts';

const NOW = '2026-01-01T00:00:00Z';
const LONG_AGO = '2025-12-31T00:00:00Z';
const CPU_50 = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
};

interface Options {
  readonly replicas?: number;
  readonly requests?: JsonObject;
  readonly hasMetricsServer?: boolean;
}

/** Deployment `web` whose pods ask for 100m of CPU, an autoscaler for 50 % of that unless `spec` says otherwise. */
async function clusterWith(
  spec: JsonObject,
  { replicas = 2, requests = { cpu: '100m' }, hasMetricsServer = true }: Options = {},
): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } } },
  });
  for (let index = 0; index < replicas; index++) {
    const pod = await cluster.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${index}`, namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', resources: { requests } }] },
    });
    const status = { ...readyStatus('10.244.1.2', LONG_AGO), startTime: LONG_AGO };
    await cluster.reportPod(pod, status);
  }
  if (hasMetricsServer) {
    await cluster.create(apiServices, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      status: { conditions: [{ type: 'Available', status: 'True' }] },
    });
  }
  await cluster.create(horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [CPU_50],
      ...spec,
    },
  });
  return cluster;
}

/** Lets each pod be measured with this much CPU from now on. */
async function measure(
  cluster: FakeCluster,
  cpu: string,
  names?: readonly string[],
): Promise<void> {
  const all = cluster.list(pods).map(({ metadata }) => metadata.name);
  for (const name of names ?? all) {
    const metrics: NewObject = {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: { name, namespace: 'default' },
      timestamp: timestampOf(cluster.clock.now()),
      window: '15s',
      containers: [{ name: 'c', usage: { cpu } }],
    };
    const isThere = cluster.get(podMetrics, name, 'default') !== undefined;
    await (isThere ? cluster.update(podMetrics, metrics) : cluster.create(podMetrics, metrics));
  }
}

function replicasOf(cluster: FakeCluster): number | undefined {
  return cluster.get(deployments, 'web', 'default')?.spec.replicas;
}

function statusOf(cluster: FakeCluster) {
  return cluster.get(horizontalPodAutoscalers, 'web', 'default')?.status;
}

/** Type, status and reason of each condition. */
function conditionsOf(cluster: FakeCluster) {
  return statusOf(cluster)?.conditions?.map(({ type, status, reason }) => [type, status, reason]);
}

test('without a metrics server an autoscaler says what upstream says', async () => {
  await using cluster = await clusterWith(
    { minReplicas: 1, maxReplicas: 5 },
    { hasMetricsServer: false },
  );
  await cluster.run(horizontalPodAutoscalerController);
  const cause =
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  assert.deepEqual(statusOf(cluster), {
    currentReplicas: 2,
    desiredReplicas: 0,
    currentMetrics: null,
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
  assert.deepEqual(cluster.eventTexts(), [
    `Warning FailedGetResourceMetric web: ${cause}`,
    `Warning FailedComputeMetricsReplicas web: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${cause}`,
  ]);
});

/** The first event of an autoscaler for pods that use 60m. */
async function words(spec: JsonObject, options?: Options): Promise<string | undefined> {
  await using cluster = await clusterWith({ maxReplicas: 5, ...spec }, options);
  await measure(cluster, '60m');
  await cluster.run(horizontalPodAutoscalerController);
  return cluster.eventTexts()[0];
}

function ref(apiVersion: string, kind: string, name: string): JsonObject {
  return { scaleTargetRef: { apiVersion, kind, name } };
}

test('an autoscaler without anything to scale names what is missing, and metrics that nobody serves', async () => {
  const custom =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  const podsMetric = { type: 'Pods', pods: { metric: { name: 'rps' } } };
  const describedObject = { kind: 'Ingress', name: 'main' };
  const objectMetric = { type: 'Object', object: { metric: { name: 'rps' }, describedObject } };
  const externalMetric = { type: 'External', external: { metric: { name: 'queue' } } };
  assert.deepEqual(
    [
      await words(ref('apps/v1', 'Deployment', 'gone')),
      await words(ref('v1', 'Deployment', 'web')),
      await words({ metrics: [podsMetric] }),
      await words({ metrics: [objectMetric] }),
      await words({ metrics: [externalMetric] }),
      await words({}, { requests: {} }),
    ],
    [
      'Warning FailedGetScale web: deployments.apps "gone" not found',
      'Warning FailedGetScale web: no matches for kind "Deployment" in group ""',
      `Warning FailedGetPodsMetric web: unable to get metric rps: ${custom}`,
      `Warning FailedGetObjectMetric web: unable to get metric rps: Ingress on default main/${custom}`,
      'Warning FailedGetExternalMetric web: unable to get external metric default/queue/nil: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered',
      'Warning FailedGetResourceMetric web: failed to get cpu utilization: missing request for cpu in container c of Pod web-0',
    ],
  );
});

test('an autoscaler brings its target within the limits, metrics or not', async () => {
  await using cluster = await clusterWith(
    { minReplicas: 3, maxReplicas: 5 },
    { hasMetricsServer: false },
  );
  await cluster.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(cluster), 3);
  assert.equal(
    cluster.eventTexts()[0],
    'Normal SuccessfulRescale web: New size: 3; reason: Current number of replicas below Spec.MinReplicas',
  );
});

test('an autoscaler shows utilization, grows at once and shrinks after five quiet minutes', async () => {
  await using cluster = await clusterWith({ minReplicas: 1, maxReplicas: 10 });
  await measure(cluster, '88500000n');
  await cluster.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(cluster), 4);
  assert.deepEqual(statusOf(cluster)?.currentMetrics, [
    {
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: 89, averageValue: '89m' } },
    },
  ]);
  assert.deepEqual(conditionsOf(cluster), [
    ['AbleToScale', 'True', 'SucceededRescale'],
    ['ScalingLimited', 'False', 'DesiredWithinRange'],
    ['ScalingActive', 'True', 'ValidMetricFound'],
  ]);
  assert.equal(
    cluster.eventTexts()[0],
    'Normal SuccessfulRescale web: New size: 4; reason: cpu resource utilization (percentage of request) above target',
  );
  await measure(cluster, '10m');
  await cluster.clock.advance(240_000);
  assert.equal(replicasOf(cluster), 4);
  assert.deepEqual(conditionsOf(cluster)?.[0], ['AbleToScale', 'True', 'ScaleDownStabilized']);
  await cluster.clock.advance(120_000);
  assert.equal(replicasOf(cluster), 1);
  assert.equal(
    cluster.eventTexts().at(-1),
    'Normal SuccessfulRescale web: New size: 1; reason: All metrics below target',
  );
});

test('an autoscaler leaves alone what is within ten percent of its target, and doubles at most', async () => {
  await using calm = await clusterWith({ maxReplicas: 20 });
  await measure(calm, '54m');
  await calm.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(calm), 2);
  await using wild = await clusterWith({ maxReplicas: 20 }, { replicas: 3 });
  await measure(wild, '500m');
  await wild.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(wild), 6);
  assert.deepEqual(conditionsOf(wild)?.[1], ['ScalingLimited', 'True', 'ScaleUpLimit']);
});

test('pods without metrics count as idle when others are busy, and as full when others are idle', async () => {
  await using busy = await clusterWith({ maxReplicas: 20 }, { replicas: 4 });
  await measure(busy, '90m', ['web-0', 'web-1', 'web-2']);
  await busy.run(horizontalPodAutoscalerController);
  // (3 × 90 % + 0 %) / 4 = 67 %, so that 6 are enough where 180 % of three would be 8.
  assert.equal(replicasOf(busy), 6);
  await using idle = await clusterWith({ maxReplicas: 20 }, { replicas: 4 });
  await measure(idle, '10m', ['web-0', 'web-1', 'web-2']);
  await idle.run(horizontalPodAutoscalerController);
  // (3 × 10 % + 100 %) / 4 = 32 %: three, not one.
  assert.equal(replicasOf(idle), 3);
});

test('behavior sets the pace: so many pods a period, none down, a window of its own', async () => {
  const behavior = {
    scaleUp: {
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      selectPolicy: 'Max',
      stabilizationWindowSeconds: 0,
    },
    scaleDown: { selectPolicy: 'Disabled', policies: [] },
  };
  await using cluster = await clusterWith({ maxReplicas: 10, behavior });
  await measure(cluster, '200m');
  await cluster.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(cluster), 3);
  assert.deepEqual(conditionsOf(cluster)?.[1], ['ScalingLimited', 'True', 'ScaleUpLimit']);
  await cluster.clock.advance(45_000);
  assert.equal(replicasOf(cluster), 3);
  await cluster.clock.advance(15_000);
  assert.equal(replicasOf(cluster), 4);
  await measure(cluster, '1m');
  await cluster.clock.advance(900_000);
  assert.equal(replicasOf(cluster), 4);

  const quick = {
    scaleDown: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }],
    },
  };
  await using shrinking = await clusterWith({ maxReplicas: 10, behavior: quick }, { replicas: 8 });
  await measure(shrinking, '1m');
  await shrinking.run(horizontalPodAutoscalerController);
  assert.equal(replicasOf(shrinking), 4);
  assert.deepEqual(conditionsOf(shrinking)?.[1], ['ScalingLimited', 'True', 'ScaleDownLimit']);
});

test('an autoscaler does not start what was scaled to zero, and nothing runs once it is gone', async () => {
  await using cluster = await clusterWith({ maxReplicas: 5 }, { replicas: 0 });
  await cluster.run(horizontalPodAutoscalerController);
  assert.deepEqual(conditionsOf(cluster), [
    ['AbleToScale', 'True', 'SucceededGetScale'],
    ['ScalingActive', 'False', 'ScalingDisabled'],
  ]);
  await cluster.delete(horizontalPodAutoscalers, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(15_000);
  assert.equal(cluster.clock.waiting, 0);
});
