import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { listen, startForTest } from '../provision/simulator/apiserver/fake-surroundings.ts';
import { findKubectl } from './support/find-kubectl.ts';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "nginx:1"}]
`;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const kubectl = findKubectl();
const cleanups = new AsyncDisposableStack();
let environment: NodeJS.ProcessEnv = {};

/** Runs kubectl against a cluster of its own, with `input` on its standard input. */
function run(args: string, input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: 20_000 };
    const child = execFile(kubectl, args.split(' '), options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
    child.stdin?.end(input);
  });
}

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'regatta-kubectl-'));
  cleanups.defer(() => rm(folder, { recursive: true }));
  const { api } = await startForTest();
  cleanups.use(api);
  const { port } = cleanups.use(await listen(api));
  const file = join(folder, 'config');
  await writeFile(file, api.kubeconfig(`https://127.0.0.1:${port}`), { mode: 0o600 });
  environment = { KUBECONFIG: file, HOME: folder, KUBECACHEDIR: join(folder, 'cache') };
});
after(() => cleanups.disposeAsync());

test('kubectl creates objects by its typed commands, which send protobuf since 1.32', async () => {
  assert.deepEqual(await run('create namespace demo'), {
    code: 0,
    out: 'namespace/demo created\n',
    err: '',
  });
  await run('create configmap settings --from-literal=key=value -n demo');
  const { out } = await run('get configmap settings -n demo -o jsonpath={.data}');
  assert.equal(out, '{"key":"value"}');
  assert.equal((await run('create deployment made --image=nginx -n demo')).code, 0);
});

test('kubectl apply creates, changes nothing, changes an image, and is told of misspelt fields', async () => {
  const outcomes = [
    await run('apply -f -', DEPLOYMENT),
    await run('apply -f -', DEPLOYMENT),
    await run('apply -f -', DEPLOYMENT.replace('nginx:1', 'nginx:2')),
  ];
  assert.deepEqual(
    outcomes.map(({ out }) => out),
    [
      'deployment.apps/web created\n',
      'deployment.apps/web unchanged\n',
      'deployment.apps/web configured\n',
    ],
  );
  const wrong = await run('create -f -', DEPLOYMENT.replace('replicas', 'replicaz'));
  assert.match(wrong.err, /strict decoding error: unknown field "spec.replicaz"/);
});

test('kubectl apply --server-side names the managers it is in conflict with', async () => {
  await run('apply -f -', DEPLOYMENT.replace('name: web}', 'name: shared}'));
  await run('set image deployment/shared web=nginx:9');
  const manifest = DEPLOYMENT.replace('name: web}', 'name: shared}');
  const refused = await run('apply --server-side -f -', manifest);
  assert.match(
    refused.err,
    /conflict with "kubectl-set" using apps\/v1: \.spec\.template\.spec\.containers\[name="web"\]\.image/,
  );
  const forced = await run('apply --server-side --force-conflicts -f -', manifest);
  assert.equal(forced.out, 'deployment.apps/shared serverside-applied\n');
});

test('kubectl scale, label, patch, rollout restart and delete work as on a real cluster', async () => {
  await run('create deployment turn --image=nginx');
  assert.equal((await run('scale deployment turn --replicas=3')).code, 0);
  assert.equal((await run('label deployment turn tier=front')).code, 0);
  assert.equal((await run('rollout restart deployment turn')).code, 0);
  const { out } = await run(
    'get deployment turn -o jsonpath={.spec.replicas},{.metadata.labels.tier},{.metadata.generation}',
  );
  assert.equal(out, '3,front,3');
  assert.equal((await run('delete deployment turn')).out, 'deployment.apps "turn" deleted\n');
});

/** There is no scheduler here, and a pod without a node has no kubelet to ask. */
const ON_NODE = '--overrides={"spec":{"nodeName":"node01"}}';

test('kubectl exec passes output and exit codes on, and standard input in', async () => {
  await run(`run shell --image=busybox ${ON_NODE}`);
  const failed = await run('exec shell -- exit 3');
  assert.deepEqual([failed.code, failed.err], [3, 'going\ncommand terminated with exit code 3\n']);
  assert.equal((await run('exec -i shell -- say', 'hello\n')).out, 'say\nhello\n');
  assert.equal((await run('logs shell')).out, 'first line\nsecond line\n');
});

test('kubectl port-forward carries bytes both ways', async () => {
  await run(`run door --image=busybox ${ON_NODE}`);
  await run('patch pod door --subresource=status --type=merge -p {"status":{"phase":"Running"}}');
  const child = spawn(kubectl, ['port-forward', 'pod/door', ':80'], { env: environment });
  cleanups.defer(() => void child.kill());
  const [line] = await once(child.stdout, 'data');
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(String(line))?.[1]);
  const socket = connect(port, '127.0.0.1');
  socket.end('ping');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  assert.equal(Buffer.concat(chunks).toString('utf8'), 'ping');
  child.kill();
});
