import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { ApiError } from '../client/api-error.ts';
import type { ClusterClient, NewObject } from '../client/client.ts';
import { configMaps, events, nodes as nodeResource, pods } from '../kinds/resources.ts';
import type { Container } from '../kinds/types/core.ts';
import { FakeNodeCluster } from './fake-node-cluster.ts';
import type { SavedFiles, SavedLogs } from './index.ts';

/** Everything that nodes write. */
function written(client: ClusterClient) {
  return [client.list(pods), client.list(events), client.list(nodeResource)];
}

function settings(greeting: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { greeting },
  };
}

const SLEEP: Container = { name: 'main', image: 'busybox', command: ['sleep', 'infinity'] };

test('Nodes register with what kubectl shows of them, and say that they are simulated', async () => {
  await using cluster = await FakeNodeCluster.start();
  const shown = cluster.client.list(nodeResource).map(({ metadata, spec, status }) => ({
    name: metadata.name,
    podCIDR: spec.podCIDR,
    taints: spec.taints?.map(({ key, effect }) => `${key}:${effect}`),
    address: status.addresses?.[0]?.address,
    ready: status.conditions?.find(({ type }) => type === 'Ready')?.status,
    version: status.nodeInfo?.['kubeletVersion'],
    system: status.nodeInfo?.['osImage'],
  }));
  // Admission taints every new node; the node controller, which does not run here, takes that away.
  const common = { ready: 'True', version: 'v1.34.2', system: 'Regatta simulator' };
  assert.deepEqual(shown, [
    {
      name: 'controlplane',
      podCIDR: '10.244.0.0/24',
      taints: [
        'node-role.kubernetes.io/control-plane:NoSchedule',
        'node.kubernetes.io/not-ready:NoSchedule',
      ],
      address: '172.30.1.2',
      ...common,
    },
    {
      name: 'node01',
      podCIDR: '10.244.1.0/24',
      taints: ['node.kubernetes.io/not-ready:NoSchedule'],
      address: '172.30.2.2',
      ...common,
    },
  ]);
});

test('A pod goes from Pending over its init container and sidecar to Running and Ready', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('web', {
    initContainers: [
      { name: 'init', image: 'busybox', command: ['sleep', '1'] },
      { ...SLEEP, name: 'side', restartPolicy: 'Always' },
    ],
    containers: [
      {
        name: 'nginx',
        image: 'nginx:1.29',
        ports: [{ name: 'http', containerPort: 80 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
      },
    ],
  });
  const phases: string[] = [];
  for (let step = 0; step < 30; step++) {
    await cluster.clock.advance(100);
    const { status } = cluster.pod('web');
    const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status;
    const now = `${status.phase} ready=${ready}`;
    if (phases.at(-1) !== now) phases.push(now);
  }
  assert.deepEqual(phases, ['Pending ready=False', 'Running ready=True']);
  const { status } = cluster.pod('web');
  const seconds =
    (Date.parse(status.conditions?.[2]?.lastTransitionTime ?? '') - Date.UTC(2026, 0, 1)) / 1000;
  assert.equal(seconds, 2, 'pull 0.5, start 0.1, run 1, then 0.1 with the image there, then 0.6');
  assert.equal(status.podIP, '10.244.1.2');
  assert.equal(status.hostIP, '172.30.2.2');
  assert.deepEqual(
    status.initContainerStatuses?.map(({ ready, started }) => [ready, started]),
    [
      [true, false],
      [true, true],
    ],
  );
  assert.deepEqual(
    status.conditions?.map(({ type }) => type),
    ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'],
  );
  assert.deepEqual(cluster.events('web'), [
    'Pulling',
    'Pulled',
    'Created',
    'Started',
    'Pulling',
    'Pulled',
    'Created',
    'Started',
    'Pulling',
    'Pulled',
    'Created',
    'Started',
  ]);
});

test('A container that keeps failing is restarted at once, then with a back-off that doubles', async () => {
  await using cluster = await FakeNodeCluster.start();
  const command = ['sh', '-c', 'echo run $HOSTNAME; exit 3'];
  await cluster.run('crash', {
    containers: [{ name: 'main', image: 'busybox', imagePullPolicy: 'IfNotPresent', command }],
  });
  const restarts: [number, number][] = [];
  for (let second = 0; second < 60; second++) {
    await cluster.clock.advance(1_000);
    const count = cluster.pod('crash').status.containerStatuses?.[0]?.restartCount ?? 0;
    if (count !== restarts.length) restarts.push([count, second + 1]);
  }
  assert.deepEqual(restarts, [
    [1, 1],
    [2, 11],
    [3, 31],
  ]);
  const status = cluster.pod('crash').status.containerStatuses?.[0];
  assert.equal(status?.state.waiting?.reason, 'CrashLoopBackOff');
  assert.match(
    status?.state.waiting?.message ?? '',
    /^back-off 40s restarting failed container=main pod=crash_default\(.+\)$/,
  );
  assert.equal(status?.lastState?.terminated?.exitCode, 3);
  assert.equal(await cluster.logs('crash', { previous: true }), 'run crash\n');
});

test('An image nobody has a program for gives ErrImagePull with the reason, then ImagePullBackOff', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('bad', { containers: [{ name: 'main', image: 'example/none:1' }] });
  await cluster.clock.advance(600);
  const first = cluster.pod('bad').status.containerStatuses?.[0]?.state.waiting;
  assert.equal(first?.reason, 'ErrImagePull');
  assert.match(
    first?.message ?? '',
    /^failed to pull and unpack image "docker.io\/example\/none:1": the Regatta simulator has no program for this image; it has .*busybox.*nginx/,
  );
  await cluster.clock.advance(6_000);
  const later = cluster.pod('bad').status.containerStatuses?.[0]?.state.waiting;
  assert.equal(later?.reason, 'ImagePullBackOff');
  await assert.rejects(
    cluster.logs('bad'),
    new ApiError(
      400,
      'BadRequest',
      'container "main" in pod "bad" is waiting to start: trying and failing to pull image',
    ),
  );
});

test('A container waits with CreateContainerConfigError until its ConfigMap is there', async () => {
  await using cluster = await FakeNodeCluster.start();
  const env = [
    { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
    { name: 'B', value: '$(A) and $(C) and $$(A)' },
  ];
  const command = ['sh', '-c', 'echo $B; sleep 100'];
  await cluster.run('web', { containers: [{ name: 'main', image: 'busybox', command, env }] });
  await cluster.clock.advance(2_000);
  assert.deepEqual(cluster.pod('web').status.containerStatuses?.[0]?.state.waiting, {
    reason: 'CreateContainerConfigError',
    message: 'configmap "settings" not found',
  });
  await cluster.client.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { a: 'one' },
  });
  await cluster.clock.advance(6_000);
  assert.equal(await cluster.logs('web'), 'one and $(C) and $(A)\n');
});

test('A deleted pod runs until its programs have ended, says so and is gone', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('web', { containers: [SLEEP] });
  await cluster.clock.advance(1_000);
  const phases: string[] = [];
  using watch = cluster.client.watch(pods, ({ type, object: { status } }) => {
    const [container] = status.containerStatuses ?? [];
    const { exitCode } = container?.state.terminated ?? {};
    phases.push(`${type} ${status.phase} ready=${container?.ready} exit=${exitCode}`);
  });
  void watch;
  await cluster.client.delete(pods, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(100);
  const ready = cluster.pod('web').status.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(ready?.status, 'True');
  await cluster.clock.advance(300);
  assert.equal(cluster.client.get(pods, 'web', 'default'), undefined);
  assert.deepEqual(
    [...new Set(phases)],
    [
      'ADDED Running ready=true exit=undefined',
      'MODIFIED Running ready=true exit=undefined',
      'MODIFIED Failed ready=false exit=143',
      'DELETED Failed ready=false exit=143',
    ],
  );
  assert.equal(cluster.events('web').at(-1), 'Killing');
});

test('A pod that runs to its end is Completed, and keeps its log', async () => {
  await using cluster = await FakeNodeCluster.start();
  const command = ['sh', '-c', 'echo done'];
  await cluster.run('job', {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command }],
  });
  await cluster.clock.advance(1_000);
  const { phase, containerStatuses } = cluster.pod('job').status;
  assert.equal(phase, 'Succeeded');
  assert.equal(containerStatuses?.[0]?.state.terminated?.reason, 'Completed');
  assert.equal(await cluster.logs('job'), 'done\n');
  await assert.rejects(
    cluster.nodes.exec(
      { namespace: 'default', pod: 'job' },
      { command: ['ls'], isTty: false, hasStdin: false },
    ),
    new ApiError(
      500,
      'InternalError',
      'unable to upgrade connection: container not found ("main")',
    ),
  );
});

test('Nodes that start on a prepared state run its pods at once, on their addresses, and write nothing', async () => {
  await using first = await FakeNodeCluster.start();
  await first.run('web', { containers: [{ name: 'nginx', image: 'nginx' }] });
  await first.run('client', {
    containers: [{ name: 'main', image: 'curlimages/curl', command: ['sleep', 'infinity'] }],
  });
  await first.clock.advance(2_000);
  const state = first.prepare();
  await using second = await FakeNodeCluster.start(state, { clock: first.clock });
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  const { podIP } = second.pod('web').status;
  const process = await second.nodes.exec(
    { namespace: 'default', pod: 'client' },
    {
      command: ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `http://${podIP}/`],
      isTty: false,
      hasStdin: false,
    },
  );
  const [code] = await Array.fromAsync(process.stdout);
  assert.equal(String(code), '200');
  await second.clock.advance(60_000);
  assert.deepEqual(written(second.client), written(first.client), 'nor in an idle minute');
});

test('A request for a container says which ones there are when it names none or a wrong one', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('two', {
    initContainers: [{ name: 'init', image: 'busybox', command: ['true'] }],
    containers: [SLEEP, { ...SLEEP, name: 'other' }],
  });
  await cluster.clock.advance(2_000);
  await assert.rejects(
    cluster.logs('two'),
    new ApiError(
      400,
      'BadRequest',
      'a container name must be specified for pod two, choose one of: [main other] or one of the init containers: [init]',
    ),
  );
  assert.throws(
    () =>
      cluster.nodes.logs(
        { namespace: 'default', pod: 'two', container: 'none' },
        { follow: false, previous: false, timestamps: false },
        new AbortController().signal,
      ),
    new ApiError(400, 'BadRequest', 'container none is not valid for pod two'),
  );
});

test('Containers of a pod share an emptyDir, see ConfigMaps as files, and take up changes to them', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.client.create(configMaps, settings('hello'));
  const volumeMounts = [
    { name: 'shared', mountPath: '/shared' },
    { name: 'settings', mountPath: '/etc/settings' },
  ];
  await cluster.run('web', {
    volumes: [
      { name: 'shared', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
    ],
    containers: [
      { ...SLEEP, volumeMounts },
      { ...SLEEP, name: 'other', volumeMounts },
    ],
  });
  await cluster.clock.advance(2_000);
  await cluster.sh('main', 'cat /etc/settings/greeting > /shared/copy');
  assert.equal(await cluster.sh('other', 'cat /shared/copy'), 'hello');
  await cluster.client.update(configMaps, settings('bonjour'));
  assert.equal(await cluster.sh('other', 'cat /etc/settings/greeting'), 'bonjour');
});

test('The log of an ended container comes back with a saved cluster, as often as it is saved', async () => {
  await using first = await FakeNodeCluster.start();
  await first.run('job', {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo one; echo two'] }],
  });
  await first.clock.advance(2_000);
  const savedLogs: SavedLogs = JSON.parse(JSON.stringify(first.nodes.savedLogs()));
  await using second = await FakeNodeCluster.start(first.prepare(), {
    clock: first.clock,
    savedLogs,
  });
  assert.equal(await second.logs('job'), 'one\ntwo\n');
  assert.deepEqual(second.nodes.savedLogs(), savedLogs);
});

test('Files that commands wrote come back with a saved cluster, and go with a restart of the container', async () => {
  await using first = await FakeNodeCluster.start();
  await first.run('web', { containers: [{ name: 'nginx', image: 'nginx' }] });
  await first.clock.advance(2_000);
  await first.sh(
    'nginx',
    'echo mine > /usr/share/nginx/html/index.html; rm /etc/hostname; ln -s /tmp /t',
  );
  const savedFiles: SavedFiles = JSON.parse(JSON.stringify(first.nodes.savedFiles()));
  await using second = await FakeNodeCluster.start(first.prepare(), {
    clock: first.clock,
    savedFiles,
  });
  const look = 'cat /usr/share/nginx/html/index.html; ls /etc/hostname 2> /dev/null; readlink /t';
  assert.equal(await second.sh('nginx', look), 'mine\n/tmp\n');
  assert.deepEqual(second.nodes.savedFiles(), savedFiles);
  await second.sh('nginx', 'kill 1');
  await second.clock.advance(2_000);
  assert.equal(second.pod('web').status.containerStatuses?.[0]?.restartCount, 1);
  assert.equal(await second.sh('nginx', 'cat /etc/hostname'), 'web\n');
});
