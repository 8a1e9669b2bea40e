import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';

import { HttpHeaders, type HttpRequest } from '../../../net/http.ts';
import { readWhole } from '../../../net/read-whole.ts';
import { serveHttp } from './http-codec.ts';

const handle = async ({ method, path, body }: HttpRequest) => ({
  status: 200,
  headers: new HttpHeaders(),
  body: Buffer.from(`${method} ${path} ${body.length}`),
});

/** Everything that a proxy answers to these bytes. */
async function answerTo(bytes: string): Promise<string> {
  const [client, server] = duplexPair();
  serveHttp(server, { ip: '10.244.1.1', port: 1 }, { protocol: 'http/1.1', handle });
  client.end(bytes);
  return String(await readWhole(client, 100_000));
}

const upgrade = (to: string) =>
  `GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${to}\r\n\r\n`;
const withHeader = (bytes: number) =>
  `GET /a HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(bytes)}\r\nconnection: close\r\n\r\n`;
const statusOf = (answer: string) => answer.split('\r\n', 1)[0];

test('a proxy answers requests one after the other, and what it cannot read in words of Envoy', async () => {
  const two = await answerTo(
    'GET /a HTTP/1.1\r\nhost: x\r\n\r\nPOST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc',
  );
  assert.deepEqual(two.match(/(GET|POST) .*\d$|(GET|POST) \/\w \d/gm), ['GET /a 0', 'POST /b 3']);
  assert.equal(
    await answerTo('NO HTTP\r\n\r\n'),
    'HTTP/1.1 400 Bad Request\r\ncontent-length: 11\r\ncontent-type: text/plain\r\nserver: istio-envoy\r\nconnection: close\r\n\r\nBad Request',
  );
  assert.equal(statusOf(await answerTo('GET / HTTP/1.0\r\n\r\n')), 'HTTP/1.1 426 Upgrade Required');
});

test('headers up to 60 KiB are read, longer ones refused with 431; bodies that are too long with 413', async () => {
  assert.equal(statusOf(await answerTo(withHeader(50_000))), 'HTTP/1.1 200 OK');
  assert.equal(
    statusOf(await answerTo(withHeader(70_000))),
    'HTTP/1.1 431 Request Header Fields Too Large',
  );
  const long = 17 * 1024 * 1024;
  assert.equal(
    statusOf(
      await answerTo(
        `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${long}\r\n\r\n${'a'.repeat(long)}`,
      ),
    ),
    'HTTP/1.1 413 Payload Too Large',
  );
});

test('WebSockets and tunnels are refused in words, an offer of HTTP/2 is passed over', async () => {
  const refused = await answerTo(upgrade('websocket'));
  assert.equal(statusOf(refused), 'HTTP/1.1 501 Not Implemented');
  assert.match(refused, /The simulator passes on requests, not WebSockets and tunnels/);
  assert.equal(
    statusOf(await answerTo('CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n')),
    'HTTP/1.1 501 Not Implemented',
  );
  assert.equal(statusOf(await answerTo(upgrade('h2c'))), 'HTTP/1.1 200 OK');
});
