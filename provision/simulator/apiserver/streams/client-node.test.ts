import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import { Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';

import { pods } from '../../kinds/resources.ts';
import { listen, startForTest } from '../fake-surroundings.ts';

/** The official client for JavaScript, connected to a server with a pod whose commands and ports echo. */
async function connectedClient() {
  const { api } = await startForTest();
  const server = await listen(api);
  await api.client('test').create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'node01', containers: [{ name: 'web', image: 'nginx' }] },
  });
  const config = new KubeConfig();
  config.loadFromString(api.kubeconfig(`https://127.0.0.1:${server.port}`));
  return {
    config,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

test("client-node's exec gets output, the end of its input through, and the exit status", async () => {
  await using connected = await connectedClient();
  const exec = new Exec(connected.config);
  const run = async (command: readonly string[], input: string) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const ended = Promise.withResolvers<V1Status>();
    const all = [text(stdout), text(stderr)] as const;
    await exec.exec('default', 'web', 'web', [...command], stdout, stderr, stdin, false, (status) =>
      ended.resolve(status),
    );
    stdin.end(input);
    const { status, details } = await ended.promise;
    stdout.end();
    stderr.end();
    const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
    return { status, code, output: await Promise.all(all) };
  };
  assert.deepEqual(await run(['say'], 'and this'), {
    status: 'Success',
    code: undefined,
    output: ['say\nand this', ''],
  });
  assert.deepEqual(await run(['exit', '3'], ''), {
    status: 'Failure',
    code: '3',
    output: ['', 'going\n'],
  });
});

test("client-node's port-forward, which has channels of its own, carries bytes both ways", async () => {
  await using connected = await connectedClient();
  const forward = new PortForward(connected.config);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const socket = await forward.portForward('default', 'web', [80], output, null, input);
  input.write('x'.repeat(100_000));
  let size = 0;
  for await (const chunk of output) {
    size += Buffer.from(chunk).length;
    if (size >= 100_000) break;
  }
  assert.equal(size, 100_000);
  if (typeof socket !== 'function') socket.close();
});
