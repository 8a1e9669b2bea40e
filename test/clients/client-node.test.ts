import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  ApiException,
  AppsV1Api,
  AuthenticationV1Api,
  CoordinationV1Api,
  type CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
  Metrics,
  PatchStrategy,
  setHeaderOptions,
  topNodes,
  topPods,
  V1MicroTime,
  Watch,
} from '@kubernetes/client-node';

import { type ClientCluster, startClientCluster, until } from './support/cluster.ts';

const namespace = 'default';

const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

let cluster: ClientCluster;
let core: CoreV1Api;
before(async () => {
  cluster = await startClientCluster();
  ({ core } = cluster);
});
after(() => cluster[Symbol.asyncDispose]());

function configMap(name: string, data: Record<string, string> = {}) {
  return core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data } });
}

function secret(name: string, labels = { informed: 'yes' }) {
  return { metadata: { name, labels } };
}

/** The state of a Lease that somebody took just now. */
function heldBy(holderIdentity: string) {
  return { holderIdentity, leaseDurationSeconds: 1, renewTime: new V1MicroTime() };
}

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<ApiException<string>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiException) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

test('Watch tells of what is there and of each change, and ends after timeoutSeconds', async () => {
  await configMap('watched');
  const events: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<unknown>();
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const query = { fieldSelector: 'metadata.name=watched', timeoutSeconds: 2 };
  const tell = (phase: string, object: KubernetesObject) =>
    events.push(`${phase} ${object.metadata?.name}`);
  await new Watch(cluster.config).watch(path, query, tell, resolve);
  await until('the first event', () => events.length === 1);
  const body = { metadata: { labels: { a: 'b' } } };
  await core.patchNamespacedConfigMap({ name: 'watched', namespace, body }, merge);
  await core.deleteNamespacedConfigMap({ name: 'watched', namespace });
  assert.equal(await done, null);
  assert.deepEqual(events, ['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
});

test('an informer lists, follows changes in order, and lists again when its version is too old', async () => {
  const seen: string[] = [];
  const list = () => core.listNamespacedSecret({ namespace, labelSelector: 'informed=yes' });
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const informer = makeInformer(cluster.config, path, list, 'informed=yes');
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => seen.push(`${verb} ${metadata?.name}`));
  }
  await core.createNamespacedSecret({ namespace, body: secret('first') });
  await informer.start();
  await until('the list', () => informer.get('first', namespace));
  await core.createNamespacedSecret({ namespace, body: secret('second') });
  await core.replaceNamespacedSecret({
    name: 'second',
    namespace,
    body: { ...secret('second'), stringData: { a: 'b' } },
  });
  // What leaves the selection is gone for the informer.
  await core.replaceNamespacedSecret({
    name: 'first',
    namespace,
    body: secret('first', { informed: 'no' }),
  });
  await until('the changes', () => seen.length >= 4);
  await informer.stop();
  assert.deepEqual(seen, ['add first', 'add second', 'update second', 'delete first']);
  // Many changes later the old version is no longer known, and an informer that starts from it lists again.
  await core.deleteNamespacedSecret({ name: 'second', namespace });
  for (let turn = 0; turn < 550; turn += 50) {
    const changes = Array.from({ length: 50 }, (_, index) => {
      const body = { metadata: { annotations: { turn: String(turn + index) } } };
      return core.patchNamespacedSecret({ name: 'first', namespace, body }, merge);
    });
    await Promise.all(changes);
  }
  await core.replaceNamespacedSecret({ name: 'first', namespace, body: secret('first') });
  await informer.start();
  await until('the second list', () => informer.get('first', namespace));
  await informer.stop();
  assert.deepEqual(seen.slice(4), ['delete second', 'add first']);
});

test('all types of patch change an object, and an unknown type is refused', async () => {
  const apps = cluster.config.makeApiClient(AppsV1Api);
  const labels = { app: 'patched' };
  const container = { name: 'web', image: 'nginx:1.27', env: [{ name: 'A', value: '1' }] };
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'patched' },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  });
  const patched = async (type: PatchStrategy, body: unknown, query = {}) => {
    const target = { name: 'patched', namespace, body, ...query };
    return apps.patchNamespacedDeployment(target, setHeaderOptions('Content-Type', type));
  };
  const impossible = [
    { op: 'add', path: '/metadata/labels', value: { by: 'nobody' } },
    { op: 'replace', path: '/spec/paused', value: true },
  ];
  assert.equal((await refusal(patched(PatchStrategy.JsonPatch, impossible))).code, 422);
  await patched(PatchStrategy.JsonPatch, [
    { op: 'add', path: '/metadata/labels', value: { by: 'json' } },
  ]);
  await patched(PatchStrategy.MergePatch, { metadata: { labels: { by: null, also: 'merge' } } });
  await patched(PatchStrategy.StrategicMergePatch, {
    spec: {
      template: {
        spec: { containers: [{ name: 'web', env: [{ name: 'B', value: '2' }] }] },
      },
    },
  });
  const applied = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels: { applied: 'yes' } },
  };
  const query = { fieldManager: 'tester', force: true };
  const last = await patched(PatchStrategy.ServerSideApply, applied, query);
  assert.deepEqual(last.metadata?.labels, { also: 'merge', applied: 'yes' });
  // What a strategic patch adds stands before what was there.
  const env = last.spec?.template.spec?.containers[0]?.env;
  assert.deepEqual(
    env?.map(({ name, value }) => `${name}=${value}`),
    ['B=2', 'A=1'],
  );
  const managers = last.metadata?.managedFields?.map(({ manager, operation }) => [
    manager,
    operation,
  ]);
  assert.ok(managers?.some(([manager, how]) => manager === 'tester' && how === 'Apply'));
  const target = { name: 'patched', namespace, body: {} };
  const header = setHeaderOptions('Content-Type', 'application/yaml');
  assert.equal((await refusal(apps.patchNamespacedDeployment(target, header))).code, 415);
});

test('KubernetesObjectApi creates, applies, reads, lists and deletes objects of any kind', async () => {
  const objects = KubernetesObjectApi.makeApiClient(cluster.config);
  const named = (kind: string, apiVersion: string, name: string) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
  });
  const lease = named('Lease', 'coordination.k8s.io/v1', 'any');
  const created = await objects.create({ ...lease, spec: { holderIdentity: 'me' } });
  assert.equal(created.metadata.namespace, namespace);
  const config = { ...named('ConfigMap', 'v1', 'applied'), data: { a: '1' } };
  const apply = (body: typeof config, manager: string) =>
    objects.patch(body, undefined, undefined, manager, undefined, PatchStrategy.ServerSideApply);
  await apply(config, 'one');
  const conflict = await refusal(apply({ ...config, data: { a: '2' } }, 'two'));
  assert.equal(conflict.code, 409);
  assert.match(conflict.body, /Apply failed with 1 conflict: conflict with \\"one\\": \.data\.a/);
  assert.equal((await objects.read(lease)).metadata?.name, 'any');
  const { items } = await objects.list('coordination.k8s.io/v1', 'Lease', namespace);
  assert.deepEqual(
    items.map(({ metadata }) => metadata?.name),
    ['any'],
  );
  await objects.delete(lease);
  assert.equal((await refusal(objects.read(lease))).code, 404);
});

test('a list in pieces goes on where it stopped', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) await configMap(name);
  const names: (string | undefined)[] = [];
  let token = '';
  do {
    const page = await core.listNamespacedConfigMap({ namespace, limit: 2, _continue: token });
    names.push(...page.items.map(({ metadata }) => metadata?.name));
    const { _continue: next = '' } = page.metadata ?? {};
    token = next;
  } while (token !== '');
  const pages = names.filter((name) => name?.startsWith('page-'));
  assert.deepEqual(pages, ['page-a', 'page-b', 'page-c']);
});

test('an ApiException carries the Status of what was refused', async () => {
  const missing = await refusal(core.readNamespacedPod({ name: 'nobody', namespace }));
  assert.equal(missing.code, 404);
  assert.deepEqual(JSON.parse(missing.body), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'pods "nobody" not found',
    reason: 'NotFound',
    details: { name: 'nobody', kind: 'pods' },
    code: 404,
  });
  await configMap('twice');
  assert.equal((await refusal(configMap('twice'))).code, 409);
  const invalid = await refusal(configMap('Wrong_Name'));
  assert.equal(invalid.code, 422);
  const stale = await core.readNamespacedConfigMap({ name: 'twice', namespace });
  const body = { metadata: { name: 'twice' }, data: { a: 'b' } };
  await core.replaceNamespacedConfigMap({ name: 'twice', namespace, body });
  const conflict = core.replaceNamespacedConfigMap({ name: 'twice', namespace, body: stale });
  assert.match((await refusal(conflict)).body, /the object has been modified/);
});

test('Metrics tell what nodes and pods use', async () => {
  const metrics = new Metrics(cluster.config);
  const { items } = await metrics.getPodMetrics('kube-system');
  const dns = items.find(({ metadata }) => metadata.name.startsWith('coredns-'));
  assert.deepEqual(
    dns?.containers.map(({ name, usage }) => [name, Object.keys(usage)]),
    [['coredns', ['cpu', 'memory']]],
  );
  const nodes = await metrics.getNodeMetrics();
  assert.deepEqual(
    nodes.items.map(({ metadata }) => metadata.name),
    ['controlplane', 'node01'],
  );
  const top = await topPods(core, metrics, 'kube-system');
  const topDns = top.find(({ Pod }) => Pod.metadata?.name === dns?.metadata.name);
  assert.equal(Number(topDns?.CPU.RequestTotal), 0.1);
  assert.equal((await topNodes(core)).length, 2);
});

test('a Lease is held by one of two, and taken over when it was not renewed', async () => {
  const leases = cluster.config.makeApiClient(CoordinationV1Api);
  const name = 'leader';
  const body = (holder: string) => ({ metadata: { name }, spec: heldBy(holder) });
  await leases.createNamespacedLease({ namespace, body: body('one') });
  const second = leases.createNamespacedLease({ namespace, body: body('two') });
  assert.equal((await refusal(second)).code, 409);
  const held = await leases.readNamespacedLease({ name, namespace });
  const late = await leases.readNamespacedLease({ name, namespace });
  assert.match(JSON.stringify(held.spec?.renewTime), /\.\d{6}Z"$/);
  held.spec = heldBy('two');
  await leases.replaceNamespacedLease({ name, namespace, body: held });
  late.spec = heldBy('one');
  const tooLate = leases.replaceNamespacedLease({ name, namespace, body: late });
  assert.equal((await refusal(tooLate)).code, 409);
});

test('users are known by certificate, by token and by what a plugin says, each in a context of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-node-'));
  try {
    await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
    const token = await core.createNamespacedServiceAccountToken({
      name: 'robot',
      namespace,
      body: { spec: { audiences: [], expirationSeconds: 3600 } },
    });
    const text = token.status?.token ?? '';
    const plugin = join(folder, 'plugin.sh');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: text },
    };
    await writeFile(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o700 });
    const config = new KubeConfig();
    const [admin] = cluster.config.users;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: plugin,
      interactiveMode: 'Never',
    };
    config.loadFromOptions({
      clusters: cluster.config.clusters,
      users: [admin, { name: 'robot', token: text }, { name: 'plugged', exec }],
      contexts: [admin?.name ?? '', 'robot', 'plugged'].map((user) => ({
        name: `as-${user}`,
        user,
        cluster: cluster.config.clusters[0]?.name,
        namespace: 'kube-system',
      })),
      currentContext: 'as-robot',
    });
    const names: (string | undefined)[] = [];
    for (const { name } of config.contexts) {
      config.setCurrentContext(name);
      const authentication = config.makeApiClient(AuthenticationV1Api);
      const review = await authentication.createSelfSubjectReview({ body: {} });
      names.push(review.status?.userInfo?.username);
    }
    const robot = 'system:serviceaccount:default:robot';
    assert.deepEqual(names, ['kubernetes-admin', robot, robot]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
