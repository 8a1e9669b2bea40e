import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { createHttpServer } from '../../server/http/http-server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openPage, type Page } from './page.ts';

const LAB = JSON.stringify({ lab: 'get-started' });
let running: TestServer;
let url: string;
let page: Page;

before(async () => {
  running = await startTestServer();
  url = running.server.url;
  page = await openPage(url);
});

after(async () => running[Symbol.asyncDispose]());

/** First line of the answer to bytes that no client library would send. */
async function statusLine(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  await once(socket, 'close');
  return text.split('\r\n')[0] ?? '';
}

function portOf(): number {
  return Number(new URL(url).port);
}

test('changes are made for pages of this server alone', async () => {
  const outcomes: Record<string, number> = {};
  for (const origin of [url, 'null', 'http://evil.example', `${url}0`, `${url}.evil.example`]) {
    const { status } = await page.request('/api/sessions', {
      method: 'POST',
      body: LAB,
      headers: { origin },
    });
    outcomes[origin.replace(url, 'OURS')] = status;
  }
  const silent = await fetch(`${url}/api/sessions`, { method: 'POST', body: LAB });
  assert.deepEqual(
    { ...outcomes, silent: silent.status },
    {
      OURS: 200,
      null: 403,
      'http://evil.example': 403,
      OURS0: 403,
      'OURS.evil.example': 403,
      silent: 403,
    },
  );
});

test('a link on a foreign page cannot make a learner somebody else', async () => {
  for (const site of ['cross-site', 'same-site']) {
    const answer = await fetch(`${url}/api/labs`, { headers: { 'sec-fetch-site': site } });
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [403, []]);
  }
  const typed = await fetch(`${url}/api/labs`, { headers: { 'sec-fetch-site': 'none' } });
  assert.equal(typed.status, 200);
});

test('only names of this machine are answered to', async () => {
  const hosts = ['localhost', '[::1]:1', 'evil.example', '127.0.0.1.evil.example', 'x.localhost'];
  const lines = await Promise.all(
    hosts.map((host) =>
      statusLine(portOf(), `GET /api/labs HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    ),
  );
  assert.deepEqual(
    lines.map((line) => line.split(' ')[1]),
    ['200', '200', '421', '421', '404'],
  );
});

test('no path leads out of the page, and none is too odd for an answer', async () => {
  const paths = [
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%5c..%5cetc',
    '/assets/%00',
    '/.git/config',
    '/api/labs/..%2f..%2fetc',
    '/api/labs/__proto__',
    '/api/sessions/%00',
    '/%',
  ];
  const lines = await Promise.all(
    paths.map((path) =>
      statusLine(portOf(), `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    ),
  );
  assert.deepEqual(
    lines.map((line) => line.split(' ')[1]),
    [...Array.from({ length: 9 }, () => '404'), '400'],
  );
});

async function statusOf(body: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<number> {
  return (await page.request('/api/sessions', { method: 'POST', body, headers })).status;
}

test('bodies that are large, swell or are of another shape are refused', async () => {
  const large = '"'.padEnd(1_000_000, 'a');
  assert.deepEqual(
    [
      await statusOf(large),
      await statusOf(Uint8Array.from(gzipSync(large)), { 'content-encoding': 'gzip' }),
      await statusOf('{"__proto__":{"lab":"get-started"}}'),
      await statusOf('{"lab":["get-started"]}'),
      await statusOf('null'),
      await statusOf('{'),
      await statusOf('{"lab":"../get-started"}'),
    ],
    [413, 413, 400, 400, 400, 400, 404],
  );
});

test('a learner who asks without end is told to wait; another is answered', async () => {
  const hasty = await openPage(url);
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => hasty.request('/api/sessions/none')),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([404, 429]));
  assert.equal((await page.request('/api/labs')).status, 200);
});

test('headers and bodies that do not come end the connection', async () => {
  const server = createHttpServer({ headersMs: 200, requestMs: 300, lookMs: 50 });
  server.on('request', (request, response) => request.resume().on('end', () => response.end()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const slow = ['GET / HTTP/1.1\r\nHo', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{'];
  const lines = await Promise.all(slow.map((bytes) => statusLine(port, bytes)));
  server.close();
  assert.deepEqual(lines, Array(2).fill('HTTP/1.1 408 Request Timeout'));
});
