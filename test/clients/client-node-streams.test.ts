import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';

import { Attach, Cp, Exec, Log, PortForward, type V1Status } from '@kubernetes/client-node';

import { type ClientCluster, runPod, startClientCluster, until } from './support/cluster.ts';

const namespace = 'default';

let cluster: ClientCluster;
before(async () => {
  cluster = await startClientCluster();
  const { core } = cluster;
  const shell = ['sh', '-c', 'echo started; sleep 3600'];
  await runPod(core, 'box', {
    containers: [{ name: 'box', image: 'busybox:1.36', command: shell }],
  });
  await runPod(core, 'web', { containers: [{ name: 'web', image: 'nginx:1.27' }] });
});
after(() => cluster[Symbol.asyncDispose]());

/** A stream that is written to, and what it has got. */
function collector(): { readonly stream: PassThrough; readonly text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { stream, text: () => text };
}

async function execute(command: readonly string[], input?: string) {
  const [out, err] = [collector(), collector()];
  const stdin = input === undefined ? null : new PassThrough();
  const { promise, resolve } = Promise.withResolvers<V1Status>();
  const started = await new Exec(cluster.config).exec(
    namespace,
    'box',
    'box',
    [...command],
    out.stream,
    err.stream,
    stdin,
    false,
    resolve,
  );
  stdin?.end(input);
  const status = await promise;
  started.close();
  return { status, out: out.text(), err: err.text() };
}

test('Exec runs a command, passes its input and outputs, and tells its exit status', async () => {
  const done = await execute(['sh', '-c', 'echo out; echo err >&2; exit 3']);
  assert.deepEqual([done.out, done.err], ['out\n', 'err\n']);
  assert.deepEqual(
    [done.status.status, done.status.reason, done.status.details?.causes],
    ['Failure', 'NonZeroExitCode', [{ reason: 'ExitCode', message: '3' }]],
  );
  const fine = await execute(['echo', 'hello']);
  assert.deepEqual([fine.out, fine.status.status], ['hello\n', 'Success']);
});

test('Exec with a terminal is a shell that answers what is typed', async () => {
  const out = collector();
  const stdin = new PassThrough();
  const exec = new Exec(cluster.config);
  const socket = await exec.exec(namespace, 'box', 'box', ['sh'], out.stream, null, stdin, true);
  await until('the prompt', () => out.text().endsWith('# '));
  stdin.write('echo $((40 + 2))\r');
  await until('the answer', () => out.text().includes('42\r\n'));
  socket.close();
});

test('Attach follows the output of a container', async () => {
  const { core } = cluster;
  const command = ['sh', '-c', 'while true; do echo tick; sleep 0.2; done'];
  await runPod(core, 'clock', { containers: [{ name: 'clock', image: 'busybox:1.36', command }] });
  const out = collector();
  const attach = new Attach(cluster.config);
  const socket = await attach.attach(namespace, 'clock', 'clock', out.stream, null, null, false);
  await until('two ticks', () => out.text().includes('tick\ntick\n'));
  socket.close();
});

test('Log gives the end of a log, and follows it as it grows until the container ends', async () => {
  const log = new Log(cluster.config);
  const past = collector();
  await log.log(namespace, 'box', 'box', past.stream, { tailLines: 1 });
  await until('the log', () => past.text() === 'started\n');
  const followed = collector();
  await log.log(namespace, 'clock', 'clock', followed.stream, { follow: true });
  const seen = followed.text().length;
  await until('more ticks', () => followed.text().length > seen + 'tick\n'.length * 2);
  const ended = once(followed.stream, 'end');
  const now = { name: 'clock', namespace, gracePeriodSeconds: 0 };
  await cluster.core.deleteNamespacedPod(now);
  await ended;
});

test('PortForward carries a request to a port of a pod', async () => {
  const [out, err] = [collector(), collector()];
  const input = new PassThrough();
  const forward = new PortForward(cluster.config);
  const socket = await forward.portForward(namespace, 'web', [80], out.stream, err.stream, input);
  input.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
  await until('the page', () => out.text().includes('</html>'));
  assert.match(out.text(), /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(err.text(), '');
  if ('close' in socket) socket.close();
});

test('Cp copies files into a pod and out of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-node-cp-'));
  try {
    const cp = new Cp(cluster.config);
    await mkdir(join(folder, 'from/sub'), { recursive: true });
    await mkdir(join(folder, 'to'));
    await writeFile(join(folder, 'from/sub/hello.txt'), 'hello\n');
    await cp.cpToPod(namespace, 'box', 'box', join(folder, 'from'), '/tmp');
    await until('the file in the pod', async () => {
      return (await execute(['cat', '/tmp/sub/hello.txt'])).out === 'hello\n';
    });
    await cp.cpFromPod(namespace, 'box', 'box', 'sub', join(folder, 'to'), '/tmp');
    const copied = await until('the file here', () =>
      readFile(join(folder, 'to/sub/hello.txt'), 'utf8').catch(() => undefined),
    );
    assert.equal(copied, 'hello\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
