import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import { parse } from 'yaml';

import { pods } from '../../../kinds/resources.ts';
import { HttpHeaders } from '../../../net/http.ts';
import { listen, startForTest } from '../../fake-surroundings.ts';
import { listAt, stringAt } from '../../objects/json.ts';

const PROXY = '/api/v1/namespaces/default/pods/web:8080/proxy';

/** A server with a pod at 10.244.1.7, and its administrator. */
async function startWithPod() {
  const surroundings = await startForTest();
  const { api } = surroundings;
  const server = await listen(api);
  const client = api.client('test');
  const pod = await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  });
  const status = { phase: 'Running', podIP: '10.244.1.7' };
  await client.update(pods, { ...pod, status }, { subresource: 'status' });
  const config: unknown = parse(api.kubeconfig(''));
  const user = listAt(config, 'users')[0];
  const decode = (key: string) => Buffer.from(stringAt(user, 'user', key) ?? '', 'base64');
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: server.port,
    ca: api.caCertificate,
    cert: decode('client-certificate-data'),
    key: decode('client-key-data'),
    agent: false,
  };
  return {
    ...surroundings,
    ask: (path: string, headers = {}) => httpsRequest({ ...options, path, headers }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

test('A proxied request reaches the pod as it was sent, and the answer comes back with its redirect rewritten', async () => {
  await using server = await startWithPod();
  const seen: unknown[] = [];
  server.answer(async (target, { method, path, headers }) => {
    seen.push([target, method, path, headers.get('x-forwarded-uri'), headers.get('authorization')]);
    return {
      status: 302,
      headers: new HttpHeaders([
        ['location', '/login'],
        ['access-control-allow-origin', '*'],
      ]),
      body: Buffer.from('go on'),
    };
  });
  const request = server.ask(`${PROXY}/a%2Fb/c?d=%20&e`, { authorization: 'Basic eDp5' });
  request.end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  assert.ok(response);
  assert.deepEqual(seen, [
    [{ host: '10.244.1.7', port: 8080 }, 'GET', '/a%2Fb/c?d=%20&e', `${PROXY}/a%2Fb/c`, undefined],
  ]);
  assert.deepEqual(
    [
      response.statusCode,
      response.headers.location,
      response.headers['access-control-allow-origin'],
      await text(response),
    ],
    [302, `${PROXY}/login`, undefined, 'go on'],
  );
});

test('A path that ends with proxy is redirected to the one with a slash, query and all', async () => {
  await using server = await startWithPod();
  const bare = server.ask(`${PROXY}?x=y`);
  bare.end();
  const [redirect]: IncomingMessage[] = await once(bare, 'response');
  redirect?.resume();
  assert.deepEqual([redirect?.statusCode, redirect?.headers.location], [301, `${PROXY}/?x=y`]);
});

test('A WebSocket through the proxy carries bytes of both sides once the pod has switched', async () => {
  await using server = await startWithPod();
  const request = server.ask(`${PROXY}/socket`, { connection: 'Upgrade', upgrade: 'websocket' });
  request.end();
  const upgraded = once(request, 'upgrade');
  while (server.connected.length === 0) await new Promise(setImmediate);
  const [pod] = server.connected;
  assert.ok(pod);
  const [head] = await once(pod, 'data');
  assert.match(String(head), /^GET \/socket HTTP\/1\.1\r\n(.*\r\n)*host: 10\.244\.1\.7:8080\r\n/);
  pod.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  const [, socket] = await upgraded;
  socket.write('from the client');
  assert.equal(String((await once(pod, 'data'))[0]), 'from the client');
  pod.write('from the pod');
  assert.equal(String((await once(socket, 'data'))[0]), 'from the pod');
  socket.destroy();
});
