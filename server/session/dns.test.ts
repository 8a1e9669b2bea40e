import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createProvider, labTools, type Cluster, type Provider } from '../../provision/index.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';
import type { Sandbox, SandboxFactory } from '../sandbox/sandbox.ts';
import { connectAddresses, connectDns } from './addresses.ts';

let provider: Provider;
let factory: SandboxFactory;
let cluster: Cluster;
let box: Sandbox;
const problems: string[] = [];

before(async () => {
  provider = createProvider({ name: 'simulated' });
  factory = await createSandboxFactory({ mode: 'auto', ...(await labTools()) });
  cluster = await provider.create({ startingState: { istio: 'demo', hasBookinfo: true } });
  box = await enter({ usesDns: true });
});

after(async () => {
  await box[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await factory[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

function tell(problem: string): void {
  problems.push(problem);
}

async function enter({ usesDns }: { readonly usesDns: boolean }): Promise<Sandbox> {
  const kubeconfig = cluster.learnerKubeconfig;
  const sandbox = await factory.create({ kubeconfig, locale: 'en', usesDns });
  if (usesDns) await connectDns(cluster, sandbox, tell);
  const answering = Promise.withResolvers<void>();
  connectAddresses(cluster, sandbox, tell, answering.resolve);
  await answering.promise;
  return sandbox;
}

async function shell(script: string, where = box): Promise<string> {
  const { stdout, stderr } = await where.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: 20_000,
  });
  return `${stdout}${stderr}`;
}

test('in a lab with names the shell finds Services, short and whole, and reaches them', async () => {
  const [ip = ''] = (
    await shell('kubectl get service reviews -o jsonpath={.spec.clusterIP}')
  ).split('\n');
  assert.match(ip, /^10\.\d+\.\d+\.\d+$/);
  assert.equal(
    await shell(
      `for name in reviews reviews.default reviews.default.svc reviews.default.svc.cluster.local kubernetes.default; do
        getent hosts "$name" | sed 's/ .*//'; done`,
    ),
    `${`${ip}\n`.repeat(4)}10.96.0.1\n`,
  );
  assert.match(
    await shell("curl -sS http://productpage:9080/productpage | grep -o '<title>.*</title>'"),
    /<title>Simple Bookstore App<\/title>/,
  );
  assert.deepEqual(problems, []);
});

test('a name that there is not is told at once, and so is one beyond the cluster', async () => {
  assert.equal(
    await shell(
      'timeout 3 getent hosts nowhere; echo $?; timeout 3 getent hosts no.such.example; echo $?',
    ),
    '2\n2\n',
  );
  assert.match(
    await shell('timeout 3 curl -sS http://nowhere.default/ 2>&1'),
    /Could not resolve host: nowhere\.default/,
  );
});

test('in a lab without names the shell knows none and says so at once', async () => {
  await using plain = await enter({ usesDns: false });
  assert.equal(await shell('timeout 3 getent hosts reviews; echo $?', plain), '2\n');
  // Nothing listens there: a query is refused, and does not wait for an answer.
  const ask = `exec 3<>/dev/tcp/10.96.0.10/53`;
  assert.match(await shell(`timeout 3 bash -c '${ask}'`, plain), /Connection refused/);
});
