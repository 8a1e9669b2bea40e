import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { FakePod } from './fake-pod.ts';
import { helloworld } from './helloworld.ts';
import { istioEcho } from './istio-echo.ts';
import { notificationSink } from './notification-sink.ts';
import { tcpEcho } from './tcp-echo.ts';

test('tcp-echo answers each line with its prefix, on each of its ports, and logs both', async () => {
  using pod = new FakePod();
  pod.start(tcpEcho, {
    image: 'registry.istio.io/release/tcp-echo-server:1.3',
    args: ['9000,9001,9002', 'hello'],
  });
  assert.deepEqual(pod.ports, [9000, 9001, 9002]);
  const connection = pod.open(9001);
  connection.write('one\ntw');
  connection.write('o\nrest');
  const texts: Buffer[] = [];
  connection.on('data', (bytes: Buffer) => texts.push(bytes));
  connection.end();
  await once(connection, 'end');
  assert.equal(Buffer.concat(texts).toString(), 'hello one\nhello two\n');
  assert.deepEqual(pod.logged, [
    'listening on [::]:9000, prefix: hello',
    'listening on [::]:9001, prefix: hello',
    'listening on [::]:9002, prefix: hello',
    'request: one',
    'response: hello one',
    'request: two',
    'response: hello two',
  ]);
});

test('helloworld says its version and instance, and logs as Flask does', async () => {
  using pod = new FakePod();
  pod.start(helloworld, { image: 'registry.istio.io/release/examples-helloworld-v2:1.0' });
  assert.equal((await pod.ask(5000, '/hello')).text, 'Hello version: v2, instance: web-1\n');
  assert.equal((await pod.ask(5000, '/health')).text, 'Helloworld is healthy');
  assert.equal((await pod.ask(5000, '/')).status, 404);
  assert.deepEqual(pod.logged.slice(-3), [
    '127.0.0.6 - - [01/Jan/2026 00:00:00] "GET /hello HTTP/1.1" 200 -',
    '127.0.0.6 - - [01/Jan/2026 00:00:00] "GET /health HTTP/1.1" 200 -',
    '127.0.0.6 - - [01/Jan/2026 00:00:00] "GET / HTTP/1.1" 404 -',
  ]);
  using other = new FakePod();
  const image = 'istio/examples-helloworld-v1:1.0';
  other.start(helloworld, { image, env: { SERVICE_VERSION: 'canary', HOSTNAME: 'pod-7' } });
  assert.equal((await other.ask(5000, '/hello')).text, 'Hello version: canary, instance: pod-7\n');
});

test('The notification sink keeps what is posted and shows it', async () => {
  using pod = new FakePod();
  pod.start(notificationSink, { image: 'regatta/notification-sink:1' });
  const posted = await pod.ask(8080, '/alerts', { method: 'POST', body: '{"status":"firing"}' });
  assert.equal(posted.status, 202);
  await pod.ask(8080, '/plain', { method: 'POST', body: 'hello' });
  const shown: unknown = JSON.parse((await pod.ask(8080, '/messages')).text);
  const common = { receivedAt: '2026-01-01T00:00:00.000Z', method: 'POST', from: '127.0.0.6' };
  assert.deepEqual(shown, {
    count: 2,
    messages: [
      { ...common, path: '/alerts', body: { status: 'firing' } },
      { ...common, path: '/plain', body: 'hello' },
    ],
  });
  await pod.ask(8080, '/messages', { method: 'DELETE' });
  assert.match((await pod.ask(8080, '/messages')).text, /"count": 0/);
  const large = await pod.ask(8080, '/', { method: 'POST', body: 'x'.repeat(20_000) });
  assert.equal(large.status, 413);
});

test("Istio's echo application tells the request on each of its ports, and with which codes it is asked to answer", async () => {
  using pod = new FakePod();
  const args = ['--port', '8080', '--port=3333', '--version', 'v1', '--grpc', '7070'];
  pod.start(istioEcho, { image: 'gcr.io/istio-testing/app:latest', args });
  assert.deepEqual(pod.ports, [3333, 8080]);
  assert.deepEqual(await pod.ask(8080, '/x?codes=503', { headers: { a: 'b' } }), {
    status: 503,
    headers: { 'content-type': 'application/text', 'content-length': '138' },
    text: 'ServiceVersion=v1\nServicePort=8080\nHost=web:8080\nURL=/x?codes=503\nMethod=GET\nProto=HTTP/1.1\nIP=127.0.0.6\nRequestHeader=A:b\nHostname=web-1\n',
  });
});
