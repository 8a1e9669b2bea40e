import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { HEADER_LIMIT_BYTES } from '../limits.ts';
import { stringAt } from '../objects/json.ts';
import { RawServer, readAnswer, runs, type RawAnswer } from './raw-server.ts';

const NOTHING = Buffer.alloc(0);

/** An answer that a client can make something of: a success, a Status, or Go's plain words. */
function assertSensible({ status, body }: RawAnswer): void {
  assert.notEqual(status, 500, body);
  if (status < 400 || !body.startsWith('{')) return;
  const parsed: unknown = JSON.parse(body);
  assert.deepEqual([stringAt(parsed, 'kind'), stringAt(parsed, 'status')], ['Status', 'Failure']);
}

const sign = fc.constantFrom(
  ...'abc019 /?&=%.,:;"\'\\{}[]()<>!*-_~\t\r\n\u0000\u007f'.split(''),
  '%2F',
  '%',
  '%zz',
  '%00',
  '..',
  'é',
  '\u{1F600}',
);
const text = fc.array(sign, { maxLength: 40 }).map((signs) => signs.join(''));
const path = fc.oneof(
  text.map((rest) => `/${rest}`),
  fc
    .tuple(
      fc.constantFrom('/api/v1/', '/apis/apps/v1/', '/api/v1/namespaces/', '/openapi/v3/', '/'),
      fc.constantFrom('pods', 'configmaps', 'nodes', 'default/pods', 'default/services/a', ''),
      fc.constantFrom('', '/log', '/exec', '/proxy/x', '/scale', '/status', '?watch=0'),
      text,
    )
    .map((parts) => parts.join('')),
);

test('The API server survives bytes that are no request, and answers or hangs up in time', async () => {
  await using server = await RawServer.start();
  const nonsense = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'M-SEARCH', 'get', ''), path, text, text)
      .map(([method, target, version, header]) =>
        Buffer.from(`${method} ${target} HTTP/${version}\r\n${header}\r\n\r\n`),
      ),
    text.map((body) =>
      Buffer.from(
        `POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${body}\r\n`,
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(nonsense, async (bytes) => assertSensible(await server.send(bytes))),
    runs(120),
  );
  assert.ok(await server.isWell());
});

test('Odd paths, queries, selectors and Accept headers get a Status or an object, never an internal error', async () => {
  await using server = await RawServer.start();
  const selector = fc
    .array(
      fc.constantFrom('a', '=', '==', '!', 'in', '(', ')', ',', ' ', 'notin', '>', '1', '\\'),
      {
        maxLength: 12,
      },
    )
    .map((parts) => encodeURIComponent(parts.join('')));
  const query = fc.oneof(
    selector.map((value) => `labelSelector=${value}`),
    selector.map((value) => `fieldSelector=${value}`),
    fc
      .tuple(
        fc.constantFrom('limit', 'continue', 'resourceVersion', 'timeoutSeconds', 'dryRun'),
        text.map(encodeURIComponent),
      )
      .map((pair) => pair.join('=')),
    text,
  );
  const accept = fc.constantFrom(
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    'application/json;as=Table;v=v9;g=meta.k8s.io,*/*',
    ';;;as=,',
    'application/vnd.kubernetes.protobuf',
    'text/html;q=x',
    '\u00ff',
  );
  const method = fc.constantFrom('GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'POST', 'OPTIONS');
  const plainPath = path.map((value) =>
    value.replaceAll(/[^\x21-\x7e]/g, '~').replaceAll('?', '~'),
  );
  await fc.assert(
    fc.asyncProperty(method, plainPath, query, accept, async (verb, target, search, form) => {
      const line = `${verb} ${target}?${search.replaceAll(/[^\x21-\x7e]/g, '~')}`;
      assertSensible(await server.request(line, { accept: form }, NOTHING));
    }),
    runs(250),
  );
  assert.ok(await server.isWell());
});

test("Headers beyond the limit, nonsense and unknown expectations are answered with Go's words", async () => {
  await using server = await RawServer.start();
  const long = 'x'.repeat(HEADER_LIMIT_BYTES);
  assert.deepEqual(await server.request('GET /version', { cookie: long }, NOTHING), {
    status: 431,
    body: '431 Request Header Fields Too Large',
  });
  assert.deepEqual(await server.send(Buffer.from('no request\r\n\r\n')), {
    status: 400,
    body: '400 Bad Request',
  });
  const expecting = await server.request('GET /version', { expect: '200-maybe' }, NOTHING);
  assert.equal(expecting.status, 417);
  const one = 'GET /healthz HTTP/1.1\r\nhost: x\r\n';
  const socket = await server.open();
  socket.write(`${`${one}\r\n`.repeat(49)}${one}connection: close\r\n\r\n`);
  const pipelined = await readAnswer(socket);
  assert.equal(pipelined.body.split('HTTP/1.1 200 OK').length, 50);
});
