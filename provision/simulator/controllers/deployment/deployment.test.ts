import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../../client/client.ts';
import { deployments, pods, replicaSets } from '../../kinds/resources.ts';
import type { Deployment } from '../../kinds/types/apps.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { isReady } from '../pods.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { deploymentController } from './deployment.ts';

const NOW = '2026-01-01T00:00:00Z';

function web(image: string, spec = {}): NewObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image }], restartPolicy: 'Always' },
      },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
  };
}

/** A cluster with both controllers; its pods become ready when told so. */
class Workbench implements AsyncDisposable {
  readonly cluster = new FakeCluster();

  static async start(object: NewObject): Promise<Workbench> {
    const bench = new Workbench();
    await bench.cluster.create(deployments, object);
    await bench.resume();
    return bench;
  }

  async resume(): Promise<void> {
    for (const controller of [deploymentController, replicaSetController]) {
      await this.cluster.run(controller);
    }
  }

  /** Every pod runs, and those that were told to stop are gone. */
  async letPodsRun(): Promise<void> {
    const { cluster } = this;
    for (let round = 0; round < 20; round++) {
      const leaving = cluster.list(pods).find(({ metadata }) => metadata.deletionTimestamp);
      const starting = cluster.list(pods).find((pod) => !isReady(pod));
      if (leaving) await cluster.delete(pods, leaving.metadata, { gracePeriodSeconds: 0 });
      else if (starting) await cluster.reportPod(starting, readyStatus('10.244.1.2', NOW));
      else return;
      await cluster.clock.advance(0);
    }
  }

  async setImage(image: string): Promise<void> {
    const current = this.deployment();
    const containers = [{ name: 'web', image }];
    await this.change({
      template: { ...current.spec.template, spec: { ...current.spec.template.spec, containers } },
    });
  }

  async change(spec: Partial<Deployment['spec']>): Promise<void> {
    const current = this.deployment();
    await this.cluster.update(deployments, { ...current, spec: { ...current.spec, ...spec } });
    await this.cluster.clock.advance(0);
  }

  deployment(): Deployment {
    return this.cluster.get(deployments, 'web', 'default') ?? assert.fail('web is gone');
  }

  sets(): readonly string[] {
    return this.cluster.list(replicaSets).map(({ metadata, spec, status }) => {
      const revision = metadata.annotations?.['deployment.kubernetes.io/revision'];
      return `${metadata.name} r${revision} ${status.availableReplicas ?? 0}/${spec.replicas}`;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cluster.stop();
  }
}

/** The scalings of a rolling update of two pods. */
function moveTexts(from: string | undefined, to: string | undefined): readonly string[] {
  return [
    `Scaled up replica set ${to} from 0 to 1`,
    `Scaled down replica set ${from} from 2 to 1`,
    `Scaled up replica set ${to} from 1 to 2`,
    `Scaled down replica set ${from} from 1 to 0`,
  ];
}

test('a new Deployment gets one ReplicaSet with all that upstream writes into it', async () => {
  await using bench = await Workbench.start(web('nginx:1'));
  const [set] = bench.cluster.list(replicaSets);
  const owner = bench.deployment().metadata;
  const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
  const labels = { app: 'web', 'pod-template-hash': hash };
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  assert.deepEqual(set?.metadata.annotations, {
    'deployment.kubernetes.io/desired-replicas': '2',
    'deployment.kubernetes.io/max-replicas': '3',
    'deployment.kubernetes.io/revision': '1',
  });
  assert.deepEqual(set.metadata.ownerReferences, [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'web',
      uid: owner.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  assert.deepEqual(set.spec, {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels: labels },
      spec: { containers: [{ name: 'web', image: 'nginx:1' }], restartPolicy: 'Always' },
    },
  });
  assert.equal(owner.annotations?.['deployment.kubernetes.io/revision'], '1');
});

test('a Deployment whose pods run says so in upstream’s words', async () => {
  await using bench = await Workbench.start(web('nginx:1'));
  const [set] = bench.cluster.list(replicaSets);
  await bench.letPodsRun();
  assert.deepEqual(bench.deployment().status, {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
        lastUpdateTime: NOW,
        lastTransitionTime: NOW,
      },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
        lastUpdateTime: NOW,
        lastTransitionTime: NOW,
      },
    ],
  });
});

test('a rolling update replaces pods one by one, and going back uses the ReplicaSet there is', async () => {
  await using bench = await Workbench.start(web('nginx:1'));
  await bench.letPodsRun();
  const [first = ''] = bench.sets();
  const name = first.split(' ')[0];
  await bench.setImage('nginx:2');
  await bench.letPodsRun();
  const second = bench.sets().find((text) => !text.startsWith(`${name} `)) ?? '';
  const other = second.split(' ')[0];
  assert.deepEqual(bench.sets().toSorted(), [`${name} r1 0/0`, `${other} r2 2/2`].toSorted());
  await bench.setImage('nginx:1');
  await bench.letPodsRun();
  assert.deepEqual(bench.sets().toSorted(), [`${name} r3 2/2`, `${other} r2 0/0`].toSorted());
  const scalings = bench.cluster
    .eventTexts()
    .filter((text) => text.includes('ScalingReplicaSet'))
    .map((text) => text.replace('Normal ScalingReplicaSet web: ', ''));
  // A repeat of the same words counts up the first event; none repeats here.
  assert.deepEqual(scalings, [
    `Scaled up replica set ${name} from 0 to 2`,
    ...moveTexts(name, other),
    ...moveTexts(other, name),
  ]);
});

test('Recreate makes new pods only when every old one is gone', async () => {
  await using bench = await Workbench.start(web('nginx:1', { strategy: { type: 'Recreate' } }));
  await bench.letPodsRun();
  const { cluster } = bench;
  for (const pod of cluster.list(pods)) {
    const spec = { ...pod.spec, nodeName: 'node01' };
    await cluster.update(pods, { ...pod, spec });
  }
  await bench.setImage('nginx:2');
  const images = () => cluster.list(pods).map(({ spec }) => spec.containers[0]?.image);
  assert.deepEqual(images(), ['nginx:1', 'nginx:1']);
  await bench.letPodsRun();
  assert.deepEqual(images(), ['nginx:2', 'nginx:2']);
});

test('a paused Deployment takes a new template but rolls nothing out until it is resumed', async () => {
  await using bench = await Workbench.start(web('nginx:1'));
  await bench.letPodsRun();
  await bench.change({ paused: true });
  await bench.setImage('nginx:2');
  assert.equal(bench.sets().length, 1);
  const progress = bench.deployment().status.conditions?.at(-1);
  assert.deepEqual(
    [progress?.status, progress?.reason, progress?.message],
    ['Unknown', 'DeploymentPaused', 'Deployment is paused'],
  );
  await bench.change({ paused: false });
  await bench.letPodsRun();
  assert.equal(bench.deployment().status.conditions?.at(-1)?.reason, 'NewReplicaSetAvailable');
});

test('a rollout that stands still is given up after its deadline', async () => {
  await using bench = await Workbench.start(web('nginx:1', { progressDeadlineSeconds: 60 }));
  await bench.cluster.clock.advance(58_000);
  assert.equal(bench.deployment().status.conditions?.at(-1)?.reason, 'ReplicaSetUpdated');
  await bench.cluster.clock.advance(5_000);
  const [set] = bench.cluster.list(replicaSets);
  const progress = bench.deployment().status.conditions?.find(({ type }) => type === 'Progressing');
  assert.deepEqual(progress, {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${set?.metadata.name}" has timed out progressing.`,
    lastUpdateTime: '2026-01-01T00:01:01Z',
    lastTransitionTime: '2026-01-01T00:01:01Z',
  });
});

test('old ReplicaSets beyond the history limit are deleted', async () => {
  await using bench = await Workbench.start(web('nginx:1', { revisionHistoryLimit: 1 }));
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
    await bench.letPodsRun();
    await bench.setImage(image);
  }
  await bench.letPodsRun();
  const revisions = bench.sets().map((text) => text.split(' ').slice(1).join(' '));
  assert.deepEqual(revisions.toSorted(), ['r3 0/0', 'r4 2/2']);
});

test('controllers that start on a cluster which is as wanted write nothing', async () => {
  await using bench = await Workbench.start(web('nginx:1'));
  await bench.letPodsRun();
  await bench.setImage('nginx:2');
  await bench.letPodsRun();
  await bench.cluster.stop();
  bench.cluster.writes.length = 0;
  await bench.resume();
  await bench.cluster.clock.advance(3_600_000);
  assert.deepEqual(bench.cluster.writes, []);
  assert.deepEqual(bench.cluster.errors, []);
});
