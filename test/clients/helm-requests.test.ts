import assert from 'node:assert/strict';
import { Agent, request, type RequestOptions } from 'node:https';
import { after, before, test } from 'node:test';

import { isObject, listAt, stringAt } from '../../provision/simulator/kinds/json.ts';
import { type ClientCluster, startClientCluster, until } from './support/cluster.ts';
import { releaseSecret, type ReleaseRecord, secretName } from './support/release-secret.ts';

/** What helm 3 sends, in its order (its pkg/kube, pkg/action and pkg/storage), without helm. */
const SECRETS = '/api/v1/namespaces/default/secrets';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const MANAGER = 'fieldManager=helm';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const BACKGROUND = { propagationPolicy: 'Background' };

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

interface Message {
  readonly method?: string;
  readonly body?: object;
  readonly type?: string;
  readonly accept?: string;
}

let cluster: ClientCluster;
let options: RequestOptions = {};
const agent = new Agent({ keepAlive: true });
before(async () => {
  cluster = await startClientCluster();
  await cluster.config.applyToHTTPSOptions(options);
  options = { ...options, agent };
});
after(async () => {
  agent.destroy();
  await cluster[Symbol.asyncDispose]();
});

function send(path: string, message: Message = {}): Promise<Reply> {
  const { method = 'GET', body, type = 'application/json', accept = 'application/json' } = message;
  const url = new URL(path, cluster.config.getCurrentCluster()?.server);
  const bytes = body instanceof Uint8Array ? body : Buffer.from(body ? JSON.stringify(body) : '');
  const headers = {
    accept,
    'user-agent': 'Helm/3.19.0',
    ...(body && { 'content-type': type, 'content-length': bytes.length }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const contentType = response.headers['content-type'] ?? '';
        const isJson = contentType.startsWith('application/json') && !path.includes('watch=true');
        const parsed: unknown = isJson ? JSON.parse(text) : text;
        resolve({ status: response.statusCode ?? 0, type: contentType, body: parsed });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

function store(method: 'POST' | 'PUT', record: ReleaseRecord): Promise<Reply> {
  const path = method === 'PUT' ? `${SECRETS}/${secretName(record)}` : SECRETS;
  const accept = `${PROTOBUF},application/json`;
  return send(path, { method, body: releaseSecret(record), type: PROTOBUF, accept });
}

/** Versions and states of a release, as `helm history` reads them. */
async function history(): Promise<readonly string[]> {
  const { body } = await send(`${SECRETS}?labelSelector=name%3Dweb%2Cowner%3Dhelm`);
  return listAt(body, 'items').map(
    (item) =>
      `${stringAt(item, 'metadata', 'labels', 'version')} ${stringAt(item, 'metadata', 'labels', 'status')}`,
  );
}

function deployment(image: string, env: string) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        'meta.helm.sh/release-name': 'web',
        'meta.helm.sh/release-namespace': 'default',
      },
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image, env: [{ name: env, value: '1' }] }] },
      },
    },
  };
}

function hookJob() {
  const container = { name: 'hook', image: 'busybox:1.36', command: ['true'] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'web-hook',
      namespace: 'default',
      annotations: {
        'helm.sh/hook': 'pre-install',
        'helm.sh/hook-delete-policy': 'hook-succeeded',
      },
    },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

async function untilDeployed(): Promise<void> {
  await until('the Deployment', async () => {
    const { body } = await send(`${DEPLOYMENTS}/web`);
    const sets = await send(`/apis/apps/v1/namespaces/default/replicasets?labelSelector=app%3Dweb`);
    const template =
      isObject(body) && JSON.stringify(listAt(body, 'spec', 'template', 'spec', 'containers'));
    const newest = listAt(sets.body, 'items').find(
      (set) => JSON.stringify(listAt(set, 'spec', 'template', 'spec', 'containers')) === template,
    );
    return newest !== undefined && isObject(newest) && isReady(newest);
  });
}

function isReady(replicaSet: object): boolean {
  return 'status' in replicaSet && JSON.stringify(replicaSet.status).includes('"readyReplicas":1');
}

test('helm finds the versions, kinds and schemas of the cluster', async () => {
  assert.equal(stringAt((await send('/version')).body, 'major'), '1');
  for (const path of ['/api', '/apis']) {
    const accept =
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const { type } = await send(path, { accept });
    assert.equal(type, 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  }
  const { body } = await send('/openapi/v3');
  assert.ok(isObject(body) && isObject(body['paths']) && body['paths']['apis/apps/v1']);
});

test('helm install stores the release, runs its hook, creates its objects and waits for them', async () => {
  assert.deepEqual(await history(), []);
  assert.equal((await send(`${DEPLOYMENTS}/web`)).status, 404);
  const record = { name: 'web', version: 1, status: 'pending-install' } as const;
  assert.equal((await store('POST', record)).status, 201);
  assert.equal((await store('POST', record)).status, 409);
  assert.equal(
    (await send(`${JOBS}/web-hook`, { method: 'DELETE', body: BACKGROUND })).status,
    404,
  );
  assert.equal((await send(`${JOBS}?${MANAGER}`, { method: 'POST', body: hookJob() })).status, 201);
  // UntilWithSync of client-go 1.35 and newer: initial events, a bookmark, then what happens.
  const watch = `${JOBS}?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb-hook&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeoutSeconds=1&watch=true`;
  await until('the end of the hook', async () =>
    String((await send(watch)).body).includes('"succeeded":1'),
  );
  assert.equal(
    (await send(`${JOBS}/web-hook`, { method: 'DELETE', body: BACKGROUND })).status,
    200,
  );
  await until('the hook to go', async () => (await send(`${JOBS}/web-hook`)).status === 404);
  const created = await send(`${DEPLOYMENTS}?${MANAGER}`, {
    method: 'POST',
    body: deployment('nginx:1.27', 'OLD'),
  });
  assert.equal(created.status, 201);
  assert.equal(stringAt(listAt(created.body, 'metadata', 'managedFields')[0], 'manager'), 'helm');
  await untilDeployed();
  assert.equal((await store('PUT', { ...record, status: 'deployed' })).status, 200);
  assert.deepEqual(await history(), ['1 deployed']);
});

test('helm upgrade sends the three-way merge as a strategic patch', async () => {
  const query = `${SECRETS}?labelSelector=name%3Dweb%2Cowner%3Dhelm%2Cstatus%3Ddeployed`;
  assert.equal(listAt((await send(query)).body, 'items').length, 1);
  const record = { name: 'web', version: 2, status: 'pending-upgrade' } as const;
  assert.equal((await store('POST', record)).status, 201);
  const container = {
    name: 'web',
    image: 'nginx:1.28',
    '$setElementOrder/env': [{ name: 'NEW' }],
    env: [
      { name: 'NEW', value: '1' },
      { $patch: 'delete', name: 'OLD' },
    ],
  };
  const spec = { '$setElementOrder/containers': [{ name: 'web' }], containers: [container] };
  const patched = await send(`${DEPLOYMENTS}/web?${MANAGER}`, {
    method: 'PATCH',
    type: 'application/strategic-merge-patch+json',
    body: { spec: { template: { spec } } },
  });
  assert.equal(patched.status, 200);
  const [web] = listAt(patched.body, 'spec', 'template', 'spec', 'containers');
  assert.deepEqual(
    [stringAt(web, 'image'), listAt(web, 'env')],
    ['nginx:1.28', [{ name: 'NEW', value: '1' }]],
  );
  await untilDeployed();
  assert.equal((await store('PUT', { name: 'web', version: 1, status: 'superseded' })).status, 200);
  assert.equal((await store('PUT', { ...record, status: 'deployed' })).status, 200);
  assert.deepEqual(await history(), ['1 superseded', '2 deployed']);
});

test('helm status reads its objects as tables with the objects in them', async () => {
  const accept =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  const { body } = await send(`${DEPLOYMENTS}/web?includeObject=Object`, { accept });
  assert.equal(stringAt(body, 'kind'), 'Table');
  const [row] = listAt(body, 'rows');
  assert.equal(stringAt(row, 'object', 'kind'), 'Deployment');
});

test('helm list finds releases of all namespaces, and helm uninstall takes everything away', async () => {
  const { body } = await send('/api/v1/secrets?labelSelector=owner%3Dhelm');
  assert.deepEqual(
    listAt(body, 'items').map((item) => stringAt(item, 'type')),
    ['helm.sh/release.v1', 'helm.sh/release.v1'],
  );
  const gone = await send(`${DEPLOYMENTS}/web`, { method: 'DELETE', body: BACKGROUND });
  assert.equal(stringAt(gone.body, 'status'), 'Success');
  await until('the pods to go', async () => {
    const pods = await send('/api/v1/namespaces/default/pods?labelSelector=app%3Dweb');
    return listAt(pods.body, 'items').length === 0;
  });
  for (const version of [1, 2]) {
    const path = `${SECRETS}/${secretName({ name: 'web', version, status: 'deployed' })}`;
    assert.equal((await send(path, { method: 'DELETE' })).status, 200);
  }
  assert.deepEqual(await history(), []);
});
