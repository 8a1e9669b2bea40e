import assert from 'node:assert/strict';
import { test } from 'node:test';

import { events, pods } from '../../kinds/resources.ts';
import type { Container, Pod } from '../../kinds/types/core.ts';
import { FakeNodeCluster } from '../fake-node-cluster.ts';

const SLEEP: Container = { name: 'main', image: 'busybox', command: ['sleep', 'infinity'] };

function script(text: string, more: Partial<Container> = {}): Container {
  return { name: 'main', image: 'busybox', command: ['sh', '-c', text], ...more };
}

/** Type, reason and message of the pod's events, in order. */
function told(cluster: FakeNodeCluster, name: string): readonly string[] {
  return cluster.client
    .list(events, { namespace: 'default' })
    .filter(({ involvedObject }) => involvedObject.name === name)
    .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
}

const stateOf = (pod: Pod) => pod.status.containerStatuses?.[0]?.state;

const CONFIG_PROBLEMS: readonly (readonly [string, Partial<Pod['spec']>, string, RegExp])[] = [
  [
    'an image that runs as root in a pod that must not',
    { containers: [SLEEP], securityContext: { runAsNonRoot: true } },
    'CreateContainerConfigError',
    /^container has runAsNonRoot and image will run as root \(pod: "web_default\(.+\)", container: main\)$/,
  ],
  [
    'a user that a container must not be',
    { containers: [{ ...SLEEP, securityContext: { runAsNonRoot: true, runAsUser: 0 } }] },
    'CreateContainerConfigError',
    /^container's runAsUser breaks non-root policy /,
  ],
  [
    'an image that is never pulled',
    { containers: [{ ...SLEEP, image: 'nginx', imagePullPolicy: 'Never' }] },
    'ErrImageNeverPull',
    /^Container image "nginx" is not present with pull policy of Never$/,
  ],
  [
    'a name that is none',
    { containers: [{ ...SLEEP, image: 'Nginx' }] },
    'InvalidImageName',
    /^Failed to apply default image tag "Nginx": couldn't parse image name "Nginx": invalid reference format: repository name \(library\/Nginx\) must be lowercase$/,
  ],
  [
    'a tag that nobody has published',
    { containers: [{ ...SLEEP, image: 'nginx:1.161' }] },
    'ErrImagePull',
    /^rpc error: code = NotFound desc = failed to pull and unpack image "docker\.io\/library\/nginx:1\.161": failed to resolve reference .*: not found$/,
  ],
];

test('A container that cannot be made waits and says why in the words of the kubelet', async () => {
  for (const [name, spec, reason, message] of CONFIG_PROBLEMS) {
    await using cluster = await FakeNodeCluster.start();
    await cluster.run('web', spec);
    await cluster.clock.advance(600);
    const waiting = stateOf(cluster.pod('web'))?.waiting;
    assert.equal(waiting?.reason, reason, name);
    assert.match(waiting?.message ?? '', message, name);
  }
});

test('Hooks run after the start and before the end; a start whose hook fails is undone', async () => {
  await using cluster = await FakeNodeCluster.start();
  const lifecycle = {
    postStart: { exec: { command: ['sh', '-c', 'echo hello > /tmp/started'] } },
    preStop: { sleep: { seconds: 5 } },
  };
  await cluster.run('web', { containers: [{ ...SLEEP, lifecycle }] });
  await cluster.clock.advance(1_000);
  assert.equal(await cluster.sh('main', 'cat /tmp/started'), 'hello\n');
  await cluster.client.delete(pods, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(5_200);
  assert.equal(cluster.pod('web').status.containerStatuses?.[0]?.ready, true);
  await cluster.clock.advance(200);
  assert.equal(cluster.client.get(pods, 'web', 'default'), undefined);

  const broken = { postStart: { exec: { command: ['false'] } } };
  await cluster.run('bad', { containers: [{ ...SLEEP, lifecycle: broken }] });
  await cluster.clock.advance(1_200);
  assert.deepEqual(told(cluster, 'bad').slice(3, 6), [
    'Normal Started Started container main',
    'Warning FailedPostStartHook PostStartHook failed',
    'Normal Killing FailedPostStartHook',
  ]);
});

test('A container that does not end in its time is killed', async () => {
  await using cluster = await FakeNodeCluster.start();
  const lifecycle = { preStop: { exec: { command: ['sleep', '60'] } } };
  await cluster.run('web', {
    terminationGracePeriodSeconds: 2,
    containers: [{ ...SLEEP, lifecycle }],
  });
  await cluster.clock.advance(1_000);
  const codes: (number | undefined)[] = [];
  using watch = cluster.client.watch(pods, ({ object }) =>
    codes.push(stateOf(object)?.terminated?.exitCode),
  );
  void watch;
  await cluster.client.delete(pods, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(2_100);
  assert.equal(cluster.client.get(pods, 'web', 'default'), undefined);
  assert.deepEqual([...new Set(codes)], [undefined, 137]);
});

const sidecar = (name: string): Container => ({ ...SLEEP, name, restartPolicy: 'Always' });

test('Sidecars start before the containers they are for and end after them, the last first', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('job', {
    restartPolicy: 'Never',
    initContainers: [sidecar('one'), sidecar('two')],
    containers: [script('sleep 1')],
  });
  await cluster.clock.advance(5_000);
  const { status } = cluster.pod('job');
  const ends = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
    ({ name, state }) => [name, state.terminated?.exitCode],
  );
  assert.deepEqual([status.phase, ...ends], ['Succeeded', ['one', 143], ['two', 143], ['main', 0]]);
  const lines = told(cluster, 'job').filter((line) => /Started|Killing/.test(line));
  assert.deepEqual(lines, [
    'Normal Started Started container one',
    'Normal Started Started container two',
    'Normal Started Started container main',
    'Normal Killing Stopping container two',
    'Normal Killing Stopping container one',
  ]);
});

test('A pod that runs longer than it may is failed, and stays', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('late', { activeDeadlineSeconds: 5, containers: [SLEEP] });
  await cluster.clock.advance(6_000);
  const { phase, reason, message, conditions } = cluster.pod('late').status;
  assert.deepEqual(
    [phase, reason, message],
    ['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  );
  assert.equal(conditions?.find(({ type }) => type === 'Ready')?.reason, 'PodFailed');
});

test('A container says why it has ended by its file or, when it asks for that, by its log', async () => {
  await using cluster = await FakeNodeCluster.start();
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;
  const cases = {
    file: script('echo done > /dev/termination-log'),
    log: script('echo oh no; exit 3', fallback),
    quiet: script('echo oh no; exit 3'),
  };
  for (const [name, container] of Object.entries(cases)) {
    await cluster.run(name, { restartPolicy: 'Never', containers: [container] });
  }
  await cluster.clock.advance(2_000);
  const messages = Object.keys(cases).map((name) => {
    const { exitCode, reason, message } = stateOf(cluster.pod(name))?.terminated ?? {};
    return [exitCode, reason, message];
  });
  assert.deepEqual(messages, [
    [0, 'Completed', 'done\n'],
    [3, 'Error', 'oh no\n'],
    [3, 'Error', undefined],
  ]);
});

test('A program that asks for more memory than it may have is killed for it', async () => {
  await using cluster = await FakeNodeCluster.start();
  const args = ['--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'];
  const hog = { name: 'main', image: 'polinux/stress', command: ['stress'], args };
  const limited = (memory: string) => [{ ...hog, resources: { limits: { memory } } }];
  await cluster.run('fits', { containers: limited('300Mi') });
  await cluster.run('hog', { containers: limited('100Mi') });
  await cluster.clock.advance(4_000);
  assert.ok(stateOf(cluster.pod('fits'))?.running);
  const [status] = cluster.pod('hog').status.containerStatuses ?? [];
  const { exitCode, reason } = status?.lastState?.terminated ?? {};
  assert.deepEqual(
    [status?.state.waiting?.reason, exitCode, reason],
    ['CrashLoopBackOff', 137, 'OOMKilled'],
  );
});

const sized = (cpu: string, memory: string): Container => ({
  ...SLEEP,
  resources: { requests: { cpu, memory } },
  resizePolicy: [
    { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    { resourceName: 'memory', restartPolicy: 'RestartContainer' },
  ],
});

test('Other resources are taken up in place, with a restart where the container asks for it', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('web', { containers: [sized('100m', '64Mi')] });
  await cluster.clock.advance(1_000);
  const resize = async (cpu: string, memory: string) => {
    const target = { name: 'web', namespace: 'default' };
    const containers = [{ ...sized(cpu, memory) }];
    await cluster.client.patch(pods, target, JSON.parse(JSON.stringify({ spec: { containers } })), {
      subresource: 'resize',
    });
    await cluster.clock.advance(1_000);
    const { containerStatuses = [], conditions = [] } = cluster.pod('web').status;
    const [status] = containerStatuses;
    const pending = conditions.find(({ type }) => type === 'PodResizePending');
    return [status?.restartCount, status?.allocatedResources, pending?.message];
  };
  assert.deepEqual(await resize('200m', '64Mi'), [0, { cpu: '200m', memory: '64Mi' }, undefined]);
  assert.deepEqual(await resize('200m', '128Mi'), [1, { cpu: '200m', memory: '128Mi' }, undefined]);
  assert.deepEqual(await resize('9', '128Mi'), [
    1,
    { cpu: '200m', memory: '128Mi' },
    "Node didn't have enough capacity: cpu, requested: 9000, capacity: 4000",
  ]);
});

test('A node refuses pods that were bound to it and do not fit', async () => {
  await using cluster = await FakeNodeCluster.start();
  const resources = { requests: { cpu: '9' } };
  await cluster.run('big', { containers: [{ ...SLEEP, resources }] });
  await cluster.run('picky', { nodeSelector: { disk: 'ssd' }, containers: [SLEEP] });
  await cluster.clock.advance(100);
  const found = ['big', 'picky'].map((name) => {
    const { phase, reason, message } = cluster.pod(name).status;
    return [phase, reason, message];
  });
  assert.deepEqual(found, [
    [
      'Failed',
      'OutOfcpu',
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 4000",
    ],
    [
      'Failed',
      'NodeAffinity',
      "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
  ]);
});

test('Containers added by kubectl debug run beside the others and are not started again', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.run('web', { containers: [SLEEP] });
  await cluster.clock.advance(1_000);
  const { metadata, spec } = cluster.pod('web');
  const added = { name: 'debugger', image: 'busybox', command: ['sleep', '2'] };
  await cluster.client.update(
    pods,
    { ...cluster.pod('web'), metadata, spec: { ...spec, ephemeralContainers: [added] } },
    { subresource: 'ephemeralcontainers' },
  );
  await cluster.clock.advance(1_000);
  const states = () =>
    cluster
      .pod('web')
      .status.ephemeralContainerStatuses?.map(({ name, state }) => [name, Object.keys(state)[0]]);
  assert.deepEqual(states(), [['debugger', 'running']]);
  await cluster.clock.advance(60_000);
  assert.deepEqual(states(), [['debugger', 'terminated']]);
  assert.equal(cluster.pod('web').status.phase, 'Running');
});

test('A pod of the control plane that is deleted comes back', async () => {
  await using cluster = await FakeNodeCluster.start();
  await cluster.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'etcd',
      namespace: 'default',
      annotations: { 'kubernetes.io/config.source': 'file' },
    },
    spec: { nodeName: 'controlplane', containers: [SLEEP] },
  });
  await cluster.clock.advance(1_000);
  const { uid } = cluster.pod('etcd').metadata;
  await cluster.client.delete(pods, { name: 'etcd', namespace: 'default' });
  await cluster.clock.advance(3_000);
  assert.notEqual(cluster.pod('etcd').metadata.uid, uid);
  assert.equal(cluster.pod('etcd').status.phase, 'Running');
});

test('Hooks and probes whose command is not there harm nobody but are told', async () => {
  await using cluster = await FakeNodeCluster.start();
  const missing = { exec: { command: ['nothing'] } };
  const lifecycle = { preStop: missing };
  await cluster.run('web', {
    containers: [{ ...SLEEP, lifecycle, livenessProbe: { ...missing, failureThreshold: 1 } }],
  });
  await cluster.clock.advance(30_000);
  const [status] = cluster.pod('web').status.containerStatuses ?? [];
  assert.deepEqual([status?.restartCount, status?.ready], [0, true]);
  await cluster.client.delete(pods, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(1_000);
  assert.equal(cluster.client.get(pods, 'web', 'default'), undefined);
  const lines = told(cluster, 'web').slice(4);
  assert.match(
    lines[0] ?? '',
    /^Warning Unhealthy Liveness probe errored and resulted in unknown state: .*exec: "nothing": executable file not found in \$PATH/,
  );
  assert.deepEqual(lines.slice(1), [
    'Normal Killing Stopping container main',
    'Warning FailedPreStopHook PreStopHook failed',
  ]);
});
