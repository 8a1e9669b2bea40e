import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { configMaps, services } from '../../kinds/resources.ts';
import { BODY_LIMIT_BYTES, BODY_LIMIT_DEPTH } from '../limits.ts';
import { at, stringAt } from '../objects/json.ts';
import { PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { messageType } from '../protobuf/schema.ts';
import { RawServer, runs } from './raw-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Sends a body that must be refused or stored whole, and gives what the server made of it. */
async function write(server: RawServer, line: string, type: string, body: Buffer) {
  const revision = server.api.client('fuzz').list(configMaps).length;
  const answer = await server.request(line, { 'content-type': type }, body);
  const parsed: unknown = JSON.parse(answer.body);
  const isStatus = stringAt(parsed, 'kind') === 'Status';
  // Upstream has a few 500s of its own; those of ours that nobody meant say this.
  assert.doesNotMatch(answer.body, /Internal error occurred/);
  assert.equal(isStatus, answer.status >= 400, answer.body);
  if (isStatus) assert.equal(at(parsed, 'code'), answer.status);
  if (isStatus && !line.startsWith('DELETE')) {
    assert.equal(server.api.client('fuzz').list(configMaps).length, revision);
  }
  return { status: answer.status, message: stringAt(parsed, 'message') ?? '' };
}

async function startWithMap(): Promise<RawServer> {
  const server = await RawServer.start();
  await server.api.client('fuzz').create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
    data: { key: 'value' },
  });
  return server;
}

const VALID = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { generateName: 'x-', labels: { a: 'b' }, annotations: {} },
  data: { key: 'value', __proto__x: '' },
});

/** A text with pieces cut out, doubled or replaced. */
function mutated(original: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({
    from: fc.nat(original.length),
    cut: fc.nat(8),
    put: fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ',',
        ':',
        '\\',
        'null',
        '-',
        '1e999',
        '\u0000',
        '*a ',
      ),
      fc.string({ maxLength: 4 }),
    ),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce<Buffer>(
        (bytes, { from, cut, put }) =>
          Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(from + cut)]),
        original,
      ),
    );
}

test('Bodies that are broken JSON or YAML, or of the wrong shape, are refused with a Status and change nothing', async () => {
  await using server = await startWithMap();
  const shape = fc
    .json({ maxDepth: 3 })
    .map((value) =>
      Buffer.from(`{"apiVersion":"v1","kind":"ConfigMap","metadata":${value},"data":${value}}`),
    );
  const body = fc.oneof(
    mutated(Buffer.from(VALID)),
    shape,
    fc.json().map((value) => Buffer.from(value)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  const type = fc.constantFrom('application/json', 'application/yaml', 'text/plain', '');
  const line = fc.constantFrom(`POST ${MAPS}`, `PUT ${MAPS}/a`, `DELETE ${MAPS}/none`);
  await fc.assert(
    fc.asyncProperty(line, type, body, async (request, contentType, bytes) => {
      await write(server, `${request}?dryRun=All`, contentType, bytes);
    }),
    runs(250),
  );
  assert.ok(await server.isWell());
});

test('Patches of every type that make no sense are refused with a Status, and leave a valid object', async () => {
  await using server = await startWithMap();
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: fc.constantFrom(
        '',
        '/',
        '/data',
        '/data/key',
        '/metadata/name',
        '/__proto__/x',
        '/a/0/-',
        '~',
      ),
      from: fc.constantFrom('/data', '', '/metadata'),
      value: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: [] },
  );
  const directive = fc.dictionary(
    fc.constantFrom(
      'data',
      'metadata',
      '$patch',
      '$retainKeys',
      '$setElementOrder/x',
      'kind',
      'apiVersion',
      '__proto__',
    ),
    fc.oneof(
      fc.constantFrom('delete', 'replace', 'v1', 'ConfigMap'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  );
  const patch = fc
    .oneof(fc.array(operation, { maxLength: 4 }), directive, fc.jsonValue({ maxDepth: 3 }))
    .map((value) => Buffer.from(JSON.stringify(value)));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATCH_TYPES), patch, async (type, bytes) => {
      const line = `PATCH ${MAPS}/a?fieldManager=fuzz&force=${type.includes('apply')}`;
      await write(
        server,
        type.includes('apply') ? line : line.replace('&force=false', ''),
        type,
        bytes,
      );
      const { data = {}, metadata } =
        server.api.client('fuzz').get(configMaps, 'a', 'default') ?? assert.fail();
      assert.equal(metadata.name, 'a');
      for (const value of Object.values(data)) assert.equal(typeof value, 'string');
    }),
    runs(300),
  );
  assert.ok(await server.isWell());
});

/** A message as kubectl frames it. */
function framed(kind: string, raw: Uint8Array): Buffer {
  const unknown = messageType('runtime', 'Unknown') ?? assert.fail();
  const envelope = unknown.fromObject({ typeMeta: { apiVersion: 'v1', kind }, raw });
  return Buffer.concat([Buffer.from('k8s\0'), unknown.encode(envelope).finish()]);
}

test('Protobuf bodies that are cut short, nested, of wrong wire types or unknown kinds are refused with a Status', async () => {
  await using server = await startWithMap();
  const service = messageType('core.v1', 'Service') ?? assert.fail();
  const raw = Buffer.from(
    service
      .encode(
        service.fromObject({
          metadata: { name: 'web', labels: { a: 'b' }, creationTimestamp: { seconds: 1 } },
          spec: {
            ports: [{ port: 80, targetPort: { type: 1, strVal: 'x' } }],
            selector: { a: 'b' },
          },
        }),
      )
      .finish(),
  );
  const body = fc.oneof(
    mutated(raw).map((bytes) => framed('Service', bytes)),
    mutated(framed('Service', raw)),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => framed('Service', bytes)),
    fc.constantFrom('__proto__', '..', '', 'Pod').map((kind) => framed(kind, raw)),
    // Groups within groups, and a length beyond the end.
    fc.constant(framed('Service', Buffer.alloc(100_000, 0x0b))),
    fc.constant(framed('Service', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]))),
  );
  const line = 'POST /api/v1/namespaces/default/services?dryRun=All';
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      await write(server, line, PROTOBUF_TYPE, bytes);
    }),
    runs(200),
  );
  assert.deepEqual(
    server.api
      .client('fuzz')
      .list(services, { namespace: 'default' })
      .map(({ metadata }) => metadata.name),
    ['kubernetes'],
  );
});

test('Bodies that unfold, nest or go on beyond the limits are refused at once, in words', async () => {
  await using server = await startWithMap();
  const post = (type: string, text: string) =>
    write(server, `POST ${MAPS}`, type, Buffer.from(text));
  const deep = BODY_LIMIT_DEPTH + 1;
  const levels = Array.from({ length: 9 }, (_, level) => {
    const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*a${level - 1}`));
    return `a${level}: &a${level} [${items.join(', ')}]`;
  });
  const messages = await Promise.all([
    post('application/json', `${'['.repeat(deep)}${']'.repeat(deep)}`),
    post('application/json', `{"a":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`),
    post('application/yaml', '['.repeat(100_000)),
    post('application/yaml', '- '.repeat(100_000)),
    post('application/yaml', levels.join('\n')),
  ]);
  assert.deepEqual(
    messages.map(({ status, message }) => [
      status,
      /: ([^:(]*) \([0-9a-f{"[:]+ \.\.\.\)$/.exec(message)?.[1],
    ]),
    [
      [400, 'exceeded max depth'],
      [400, 'exceeded max depth'],
      [400, 'exceeded max depth of 10000'],
      [400, 'exceeded max depth of 10000'],
      [400, 'document contains excessive aliasing'],
    ],
  );
  const large = await write(
    server,
    `POST ${MAPS}`,
    'application/json',
    Buffer.alloc(BODY_LIMIT_BYTES + 1, 0x20),
  );
  assert.deepEqual(large, {
    status: 413,
    message: `Request entity too large: limit is ${BODY_LIMIT_BYTES}`,
  });
  // Nobody unpacks bodies, so that nothing can unfold: they are read as they are.
  const packed = await server.request(
    `POST ${MAPS}`,
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    Buffer.from([0x1f, 0x8b, 8, 0]),
  );
  assert.match(
    packed.body,
    /invalid character '\\\\x1f' looking for beginning of value \(1f8b0800\)/,
  );
});
