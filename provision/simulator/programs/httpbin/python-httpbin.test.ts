import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakePod } from '../fake-pod.ts';
import { pythonHttpbin } from './python-httpbin.ts';

/** As Istio's task on mirroring deploys it. */
const DEPLOYED = {
  image: 'docker.io/kennethreitz/httpbin',
  command: ['gunicorn', '--access-logfile', '-', '-b', '0.0.0.0:80', 'httpbin:app'],
};

test("kennethreitz's httpbin tells headers as texts and hides what proxies add", async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  const headers = {
    accept: '*/*',
    'x-request-id': 'a',
    'x-forwarded-proto': 'http',
    'x-b3-sampled': '1',
  };
  const { status, text, headers: got } = await pod.ask(80, '/headers', { headers });
  assert.deepEqual(
    [status, text],
    [
      200,
      '{\n  "headers": {\n    "Accept": "*/*",\n    "Host": "web:80",\n    "X-B3-Sampled": "1"\n  }\n}\n',
    ],
  );
  assert.deepEqual(got, {
    'content-type': 'application/json',
    'content-length': '90',
    server: 'gunicorn/19.9.0',
    date: 'Thu, 01 Jan 2026 00:00:00 GMT',
    'access-control-allow-origin': '*',
    'access-control-allow-credentials': 'true',
  });
  assert.match((await pod.ask(80, '/headers?show_env=1', { headers })).text, /"X-Request-Id": "a"/);
});

test('its teapot has 135 bytes and nothing but its own header', async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  const { status, text, headers } = await pod.ask(80, '/status/418');
  assert.equal(status, 418);
  assert.equal(text.length, 135);
  assert.match(text, /-=\[ teapot ]=-/);
  assert.equal(headers['content-type'], undefined);
});

test("it logs as gunicorn does, and requests only with gunicorn's --access-logfile", async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  await pod.ask(80, '/status/418', { headers: { 'user-agent': 'curl/8' } });
  assert.deepEqual(pod.logged, [
    '[2026-01-01 00:00:00 +0000] [1] [INFO] Starting gunicorn 19.9.0',
    '[2026-01-01 00:00:00 +0000] [1] [INFO] Listening at: http://0.0.0.0:80 (1)',
    '[2026-01-01 00:00:00 +0000] [1] [INFO] Using worker: sync',
    '[2026-01-01 00:00:00 +0000] [8] [INFO] Booting worker with pid: 8',
    '127.0.0.6 - - [01/Jan/2026:00:00:00 +0000] "GET /status/418 HTTP/1.1" 418 135 "-" "curl/8"',
  ]);
  using plain = new FakePod();
  plain.start(pythonHttpbin, { image: 'kong/httpbin:0.1.0' });
  await plain.ask(80, '/get');
  assert.equal(plain.logged.length, 4);
});

test('it tells args with one value as text, and a JSON body', async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  const sent = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
  const value: unknown = JSON.parse((await pod.ask(80, '/anything/x/y?b=1&c=2&c=3', sent)).text);
  assert.partialDeepStrictEqual(value, {
    args: { b: '1', c: ['2', '3'] },
    data: '{"a":1}',
    json: { a: 1 },
    method: 'POST',
    origin: '127.0.0.6',
    url: 'http://web:80/anything/x/y?b=1&c=2&c=3',
  });
});

test('it refuses paths and methods as Flask does', async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  const missing = await pod.ask(80, '/nothing');
  assert.equal(missing.status, 404);
  assert.match(missing.text, /^<!DOCTYPE HTML PUBLIC [^]*<h1>Not Found<\/h1>/);
  const wrong = await pod.ask(80, '/post');
  assert.deepEqual([wrong.status, wrong.headers['allow']], [405, 'POST, OPTIONS']);
});

test('/delay waits by the clock, ten seconds at most', async () => {
  using pod = new FakePod();
  pod.start(pythonHttpbin, DEPLOYED);
  const late = pod.ask(80, '/delay/60');
  await pod.clock.advance(9_999);
  assert.equal(await Promise.race([late, Promise.resolve('waiting')]), 'waiting');
  await pod.clock.advance(1);
  assert.equal((await late).status, 200);
});
