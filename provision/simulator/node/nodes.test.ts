import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import type { PreparedState } from '../apiserver/index.ts';
import { createApiServer, createPki } from '../apiserver/index.ts';
import { ApiError } from '../client/api-error.ts';
import type { ClusterClient, NewObject } from '../client/client.ts';
import { FakeClock } from '../fake-clock.ts';
import { configMaps, events, nodes as nodeResource, pods } from '../kinds/resources.ts';
import type { Container, Pod } from '../kinds/types/core.ts';
import { VirtualNetwork } from '../net/virtual-network.ts';
import { PROGRAMS } from '../programs/registry.ts';
import type { Nodes } from './index.ts';
import { nodeSettings, startNodes } from './index.ts';
import type { LogOptions } from './kubelet.ts';

const pki = await createPki(new FakeClock().now());

/** An API server, its network and its nodes, driven by a fake clock; no scheduler: pods name their node. */
class TestCluster implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly client: ClusterClient;
  readonly nodes: Nodes;
  readonly prepare: () => PreparedState;
  readonly #end: () => Promise<void>;

  static async start(prepared?: PreparedState, clock = new FakeClock()): Promise<TestCluster> {
    const parts: { nodes?: Nodes; network?: VirtualNetwork } = {};
    const api = await createApiServer({
      clock,
      pki,
      ...(prepared && { prepared }),
      kubelet: () => parts.nodes ?? assert.fail(),
      network: () => (parts.network ?? assert.fail()).host,
    });
    const client = api.client('system:node');
    const network = new VirtualNetwork({ client, clock, random: half });
    const nodes = startNodes({
      client,
      clock,
      network,
      random: half,
      programs: PROGRAMS,
      nodes: nodeSettings(1),
      times: { pullMs: () => 500, startMs: () => 100, stopMs: () => 300 },
    });
    Object.assign(parts, { nodes, network });
    await nodes.registered;
    return new TestCluster(
      { clock, client, nodes },
      () => api.prepare(),
      async () => {
        nodes[Symbol.dispose]();
        network[Symbol.dispose]();
        await api[Symbol.asyncDispose]();
      },
    );
  }

  private constructor(
    { clock, client, nodes }: Pick<TestCluster, 'clock' | 'client' | 'nodes'>,
    prepare: () => PreparedState,
    end: () => Promise<void>,
  ) {
    this.clock = clock;
    this.client = client;
    this.nodes = nodes;
    this.prepare = prepare;
    this.#end = end;
  }

  async run(name: string, spec: Partial<Pod['spec']>): Promise<void> {
    const pod: NewObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'node01', ...spec },
    };
    await this.client.create(pods, pod);
  }

  pod(name: string): Pod {
    return this.client.get(pods, name, 'default') ?? assert.fail(`no pod ${name}`);
  }

  /** Reasons of a pod's events, in order. */
  events(name: string): readonly string[] {
    return this.client
      .list(events, { namespace: 'default' })
      .filter(({ involvedObject }) => involvedObject.name === name)
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, count }) => (count === 1 ? `${reason}` : `${reason} x${count}`));
  }

  async logs(pod: string, options: Partial<LogOptions> = {}): Promise<string> {
    const all = { follow: false, previous: false, timestamps: false, ...options };
    const signal = new AbortController().signal;
    const lines = await Array.fromAsync(
      this.nodes.logs({ namespace: 'default', pod }, all, signal),
    );
    return lines.join('');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** Stands for chance. */
const half = () => 0.5;

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
  await using cluster = await TestCluster.start();
  const shown = cluster.client.list(nodeResource).map(({ metadata, spec, status }) => ({
    name: metadata.name,
    podCIDR: spec.podCIDR,
    taints: spec.taints?.map(({ key, effect }) => `${key}:${effect}`),
    address: status.addresses?.[0]?.address,
    ready: status.conditions?.find(({ type }) => type === 'Ready')?.status,
    version: status.nodeInfo?.['kubeletVersion'],
    system: status.nodeInfo?.['osImage'],
  }));
  const common = { ready: 'True', version: 'v1.34.2', system: 'Regatta simulator' };
  assert.deepEqual(shown, [
    {
      name: 'controlplane',
      podCIDR: '10.244.0.0/24',
      taints: ['node-role.kubernetes.io/control-plane:NoSchedule'],
      address: '172.30.1.2',
      ...common,
    },
    {
      name: 'node01',
      podCIDR: '10.244.1.0/24',
      taints: undefined,
      address: '172.30.2.2',
      ...common,
    },
  ]);
});

test('A pod goes from Pending over its init container and sidecar to Running and Ready', async () => {
  await using cluster = await TestCluster.start();
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
  await using cluster = await TestCluster.start();
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
  await using cluster = await TestCluster.start();
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
  await using cluster = await TestCluster.start();
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

test('A deleted pod is not ready at once and gone after its programs have ended', async () => {
  await using cluster = await TestCluster.start();
  await cluster.run('web', { containers: [SLEEP] });
  await cluster.clock.advance(1_000);
  await cluster.client.delete(pods, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(100);
  const ready = cluster.pod('web').status.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(ready?.status, 'False');
  await cluster.clock.advance(300);
  assert.equal(cluster.client.get(pods, 'web', 'default'), undefined);
  assert.equal(cluster.events('web').at(-1), 'Killing');
});

test('A pod that runs to its end is Completed, and keeps its log', async () => {
  await using cluster = await TestCluster.start();
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
      400,
      'BadRequest',
      'cannot exec into a container in a completed pod; current phase is Succeeded',
    ),
  );
});

test('Nodes that start on a prepared state run its pods at once, on their addresses, and write nothing', async () => {
  await using first = await TestCluster.start();
  await first.run('web', { containers: [{ name: 'nginx', image: 'nginx' }] });
  await first.run('client', {
    containers: [{ name: 'main', image: 'curlimages/curl', command: ['sleep', 'infinity'] }],
  });
  await first.clock.advance(2_000);
  const state = first.prepare();
  await using second = await TestCluster.start(state, first.clock);
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
  await using cluster = await TestCluster.start();
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
  await using cluster = await TestCluster.start();
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
  const sh = async (container: string, script: string) => {
    const process = await cluster.nodes.exec(
      { namespace: 'default', pod: 'web', container },
      { command: ['sh', '-c', script], isTty: false, hasStdin: false },
    );
    return (await Array.fromAsync(process.stdout)).join('');
  };
  await sh('main', 'cat /etc/settings/greeting > /shared/copy');
  assert.equal(await sh('other', 'cat /shared/copy'), 'hello');
  await cluster.client.update(configMaps, settings('bonjour'));
  assert.equal(await sh('other', 'cat /etc/settings/greeting'), 'bonjour');
});
