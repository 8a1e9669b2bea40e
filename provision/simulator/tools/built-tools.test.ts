import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { createApiServer, type ApiServer } from '../apiserver/index.ts';
import { systemClock } from '../clock.ts';
import { istioCrds } from '../kinds/istio/crds.ts';
import { gatewayApiCrds } from '../kinds/istio/gateway-api.ts';
import { deployments } from '../kinds/resources.ts';
import { buildTools } from './build.ts';
import { SAIL } from './istioctl/terminal/sail.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'regatta-tools-'));
const kubeconfig = path.join(folder, 'kubeconfig');
const socket = createServer();
let cluster: ApiServer;

/** An API server that answers on loopback, with a stand-in for controllers: Deployments roll out as they are written. */
before(async () => {
  const lib = path.join(folder, 'lib');
  await buildTools(folder, {
    paths: { node: process.execPath, lib },
    crds: { istio: istioCrds, gatewayApi: gatewayApiCrds },
  });
  cluster = await createApiServer({
    clock: systemClock,
    kubelet: () => {
      throw new Error('this cluster has no nodes');
    },
    network: () => {
      throw new Error('this cluster has no network');
    },
  });
  const client = cluster.client('system:kube-controller-manager');
  client.watch(deployments, ({ type, object: { metadata } }) => {
    if (type !== 'ADDED') return;
    const status = {
      observedGeneration: metadata.generation ?? 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    };
    void client.patch(
      deployments,
      { name: metadata.name, namespace: metadata.namespace ?? '' },
      { status },
      { subresource: 'status' },
    );
  });
  const port = await new Promise<number>((resolve) => {
    socket.listen(0, '127.0.0.1', () => {
      const address = socket.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  cluster.serve(socket);
  writeFileSync(kubeconfig, cluster.kubeconfig(`https://127.0.0.1:${port}`));
});

after(async () => {
  socket.close();
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(tool: 'istioctl' | 'sudo', ...args: readonly string[]): Promise<Ran> {
  const command = path.join(folder, 'bin', tool);
  const env = { KUBECONFIG: kubeconfig, PATH: '/usr/bin:/bin' };
  return new Promise((resolve) => {
    execFile(command, args, { env }, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : 0;
      resolve({ status, stdout, stderr });
    });
  });
}

test('the bundled istioctl installs Istio over HTTPS, waits by a watch, and takes it away again', async () => {
  const installed = await run('istioctl', 'install', '-y', '--set', 'profile=minimal');
  assert.deepEqual(
    installed.stderr
      .replace(`${SAIL}\n`, '')
      .split('\n')
      .filter((line) => !line.includes('Waiting for')),
    [
      '- Processing resources for Istio core, Istiod.',
      '✔ Istio core installed ⛵️',
      '- Processing resources for Istiod.',
      '✔ Istiod installed 🧠',
      '- Pruning removed resources',
      '✔ Installation complete',
      '',
    ],
  );
  const version = await run('istioctl', 'version');
  assert.equal(
    version.stdout,
    'client version: 1.30.3\ncontrol plane version: 1.30.3\ndata plane version: none\n(Regatta simulator)\n',
  );
  const removed = await run('istioctl', 'uninstall', '--purge', '-y');
  assert.equal(removed.stderr.split('\n').at(-2), '✔ Uninstall complete');
  assert.deepEqual(await run('istioctl', 'version'), {
    status: 0,
    stdout: 'client version: 1.30.3\n(Regatta simulator)\n',
    stderr: 'Istio is not present in the cluster\n',
  });
});

test('the bundled istioctl says in the words of Go that a cluster is away', async () => {
  const away = path.join(folder, 'away');
  writeFileSync(away, cluster.kubeconfig('https://127.0.0.1:1'));
  const ran = await run('istioctl', '--kubeconfig', away, 'x', 'precheck');
  assert.deepEqual(ran, {
    status: 1,
    stdout: '',
    stderr:
      'Error: Get "https://127.0.0.1:1/version": dial tcp 127.0.0.1:1: connect: connection refused\n',
  });
});

test('sudo runs what it is given as the learner, who is alone in the sandbox', async () => {
  const ran = await run('sudo', '-u', 'root', 'GREETING=hello', 'sh', '-c', 'echo $GREETING');
  assert.deepEqual(ran, { status: 0, stdout: 'hello\n', stderr: '' });
});
