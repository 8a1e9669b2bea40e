import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import {
  type Cluster,
  createProvider,
  labTools,
  type Provider,
  startLocalCluster,
} from '../../provision/index.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { connectAddresses } from './addresses.ts';

/** Behind the gateway: more than all buffers on the way hold. */
const PAGE = Buffer.alloc(20 * 1024 * 1024, 'gateway ');
const stack = new AsyncDisposableStack();
const problems: string[] = [];
let provider: Provider;
let cluster: Cluster;
let box: Sandbox;

// A cluster on this machine's loopback addresses stands for the real one: its API server and its Services are what a
// provider sees of any.
before(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-real-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const state = { istio: 'none', hasBookinfo: false, workers: 1 } as const;
  const real = stack.use(await startLocalCluster(state));
  const file = path.join(folder, 'config');
  await writeFile(file, real.kubeconfig, { mode: 0o600 });
  provider = stack.use(createProvider({ name: 'kubeconfig', file, gateways: ['127.0.30.0/24'] }));
  const factory = stack.use(await createSandboxFactory({ mode: 'auto', ...(await labTools()) }));
  cluster = await provider.create({ startingState: state });
  stack.defer(() => cluster[Symbol.asyncDispose]());
  box = stack.use(await factory.create({ kubeconfig: cluster.learnerKubeconfig, locale: 'en' }));
  const answering = Promise.withResolvers<void>();
  stack.use(connectAddresses(cluster, box, (problem) => problems.push(problem), answering.resolve));
  await answering.promise;
});
after(() => stack.disposeAsync());

async function shell(script: string): Promise<string> {
  const { stdout, stderr } = await box.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: 30_000,
  });
  return `${stdout}${stderr}`;
}

/** A Service with a load balancer, written by the learner; gives the address that the cluster allots. */
async function makeService(name: string, label: string, port: number): Promise<string> {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { istio: label } },
    spec: { type: 'LoadBalancer', ports: [{ port }] },
  };
  return shell(`kubectl apply -f - >/dev/null <<'END'
${JSON.stringify(service)}
END
    for n in $(seq 100); do
      ip=$(kubectl get service ${name} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'); [ -n "$ip" ] && break; sleep 0.1
    done; echo -n "$ip"`);
}

async function serveOn(ip: string, port: number): Promise<Server> {
  const server = createServer((_, response) => response.end(PAGE));
  server.listen(port, ip);
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.30.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

const until = (condition: string) =>
  `for n in $(seq 150); do ${condition} && break; sleep 0.1; done`;

test('the sandbox reaches the API server of a real cluster by an address of its own, with the certificate checked', async () => {
  assert.equal(await shell('kubectl get nodes -o name'), 'node/controlplane\nnode/node01\n');
  assert.match(
    await shell('grep -E "server:|tls-server-name:" ~/.kube/config'),
    /server: https:\/\/172\.30\.1\.2:6443\n +tls-server-name: 127\.0\.0\.1\n/,
  );
  assert.equal(cluster.isSimulated, false);
  assert.deepEqual(problems, []);
});

test('gateways are reached from when they come until they go, and nothing else is', async () => {
  const port = await freePort();
  const gateway = await makeService('gateway', 'ingressgateway', port);
  await serveOn(gateway, port);
  const url = `http://${gateway}:${port}/`;
  await shell(until(`curl -sf -o /dev/null ${url}`));
  assert.equal(
    await shell(`curl -sS --limit-rate 40M ${url} | sha256sum | cut -d' ' -f1`),
    `${createHash('sha256').update(PAGE).digest('hex')}\n`,
  );
  const service = { namespace: 'default', name: 'gateway', port };
  const preview = await cluster.forward(service);
  assert.equal(await cluster.forward(service), preview);
  const page = await fetch(`http://127.0.0.1:${preview}/`);
  assert.equal((await page.arrayBuffer()).byteLength, PAGE.length);
  await assert.rejects(cluster.forward({ ...service, name: 'kubernetes', port: 443 }), {
    message: 'Cannot show default/kubernetes: no gateway of the cluster has port 443',
  });
  // The same machine, other ports; another of its addresses; a Service that is no gateway's; names; the world.
  const other = await freePort();
  await serveOn(gateway, other);
  await serveOn('127.0.0.1', other);
  await serveOn('127.0.30.77', port);
  const attempts = [
    `http://${gateway}:${other}/`,
    `http://127.0.0.1:${other}/`,
    `http://127.0.30.77:${port}/`,
    'http://10.96.0.10:53/',
    'http://192.0.2.1/',
    'http://169.254.169.254/',
  ];
  for (const attempt of attempts) {
    const said = await shell(`curl -sS -m 5 -o /dev/null ${attempt}; echo " $?"`);
    assert.match(said, / 7\n|^curl: \(7\)/, attempt);
  }
  await shell('kubectl label service gateway istio-');
  const said = await shell(`${until(`! curl -sf -o /dev/null ${url}`)}; curl -sS ${url}`);
  assert.match(said, /^curl: \(7\)/);
});

test('where a gateway may be is for whoever runs the server to say, not for who writes Services', async () => {
  await using elsewhere = await serveOn('127.0.0.1', await freePort());
  const address = elsewhere.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const seen = Promise.withResolvers<void>();
  let listed: readonly string[] = [];
  const watching = cluster.watchAddresses((addresses) => {
    listed = addresses.map(({ ip }) => ip);
    if (addresses.some((one) => one.port === port)) seen.resolve();
  });
  stack.use(watching);
  await makeService('forged', 'ingressgateway', port);
  await shell(
    `kubectl patch service forged --subresource status --type merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"127.0.0.1"},{"ip":"127.0.30.78"}]}}}'`,
  );
  await seen.promise;
  assert.equal(listed.includes('127.0.0.1'), false);
  assert.match(await shell(`curl -sS -m 5 http://127.0.0.1:${port}/`), /^curl: \(7\)/);
});

test('a real cluster is one learner’s at a time', async () => {
  await assert.rejects(
    provider.create({ startingState: { istio: 'none', hasBookinfo: false } }),
    /^Error: Cannot give a second learner the cluster: it is one learner’s at a time$/,
  );
});

test('an address that is in none of the ranges of a sandbox is bound there all the same', async () => {
  const [result] = await box.listen([{ ip: '203.0.113.7', port: 80 }]);
  assert.ok(result && 'socket' in result);
  result.socket.on('connection', (connection) => connection.end('HTTP/1.0 200 OK\r\n\r\nhere\n'));
  assert.equal(await shell('curl -sS http://203.0.113.7/'), 'here\n');
  assert.match(await shell('curl -sS http://203.0.113.8/'), /^curl: \(7\)/);
  result.socket.close();
});
