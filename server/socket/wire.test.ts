import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  array,
  assert as check,
  constantFrom,
  double,
  integer,
  jsonValue,
  property,
  string,
  uint8Array,
} from 'fast-check';

import { wire, type WirePacket } from '#protocol';

const ASCII = { unit: 'binary-ascii', maxLength: 40 } as const;

test('output and acknowledgements go there and back as one frame each, with every offset', () => {
  const offset = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  check(
    property(string(ASCII), offset, uint8Array({ maxLength: 5_000 }), (terminal, at, bytes) => {
      for (const data of [
        ['terminal:data', terminal, at, bytes],
        ['terminal:ack', terminal, at],
      ]) {
        const packet = { type: 2, nsp: '/', data };
        const [frame, ...more] = encode(packet);
        assert.ok(frame instanceof Uint8Array && more.length === 0);
        assert.deepEqual(decode(frame), [packet]);
      }
    }),
  );
});

test('typed text arrives as the bytes that a string would have been', () => {
  check(
    property(string({ unit: 'binary', maxLength: 100 }), (text) => {
      const [message] = encode({ type: 2, nsp: '/', data: ['terminal:input', '1', text] });
      const [packet] = decode(message);
      assert.ok(Array.isArray(packet?.data));
      const typed: unknown = packet.data[2];
      assert.equal(typed instanceof Uint8Array ? Buffer.from(typed).toString() : typed, text);
    }),
  );
});

test('an answer goes there and back with its bytes and whatever stands beside them', () => {
  const id = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  check(
    property(
      id,
      uint8Array({ maxLength: 10_000 }),
      string({ unit: 'binary' }),
      (number, data, folder) => {
        const value = { mode: 'resume', data, shell: { folder } };
        const packet = { type: 3, nsp: '/', id: number, data: [{ ok: true, value }] };
        const [frame] = encode(packet);
        const [decoded] = decode(frame);
        assert.deepEqual(
          decoded && JSON.parse(JSON.stringify(decoded)),
          JSON.parse(JSON.stringify(packet)),
        );
      },
    ),
  );
});

test('everything else is text as of socket.io itself, there and back', () => {
  const name = constantFrom('session:join', 'step:check', 'terminal:resize');
  check(
    property(name, array(jsonValue(), { maxLength: 3 }), integer({ min: 0 }), (event, rest, id) => {
      const data: unknown[] = JSON.parse(JSON.stringify([event, ...rest]));
      const packet = { type: 2, nsp: '/', data, id };
      const [text] = encode(packet);
      assert.equal(text, `2${id}${JSON.stringify(data)}`);
      assert.deepEqual(decode(text), [packet]);
    }),
  );
  assert.deepEqual(encode({ type: 0, nsp: '/', data: { sid: 'a' } }), ['0{"sid":"a"}']);
  assert.deepEqual(decode('0'), [{ type: 0, nsp: '/' }]);
  assert.deepEqual(decode('1'), [{ type: 1, nsp: '/' }]);
});

const begun = (bytes: Uint8Array, type: number) => Uint8Array.of(type, ...bytes);

test('bytes and texts by chance are packets of ours or an error, never anything else', () => {
  check(
    property(
      uint8Array({ maxLength: 60 }),
      integer({ min: 0, max: 5 }),
      string(),
      double(),
      (bytes, type, text, number) => {
        for (const message of [
          bytes,
          begun(bytes, type),
          text,
          `2${text}`,
          `2["${text}"`,
          number,
        ]) {
          let packets: readonly WirePacket[] = [];
          try {
            packets = decode(message);
          } catch (error) {
            assert.ok(error instanceof Error);
          }
          for (const packet of packets) {
            assert.equal(packet.nsp, '/');
            assert.ok([0, 1, 2, 3, 4].includes(packet.type));
            if (packet.type === 2)
              assert.ok(Array.isArray(packet.data) && typeof packet.data[0] === 'string');
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('names that socket.io keeps for itself, other namespaces and frames cut short are refused', () => {
  const cut = Uint8Array.of(1, 1, 49, 0, 0);
  const long = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 123, 125);
  for (const message of [
    '2["disconnect"]',
    '2["connect"]',
    '0/admin,',
    '51-["a"]',
    '2{}',
    '3{}',
    '',
    cut,
    long,
  ]) {
    assert.throws(() => decode(message), Error, String(message));
  }
});

function encode(packet: WirePacket) {
  return new wire.Encoder().encode(packet);
}

function decode(message: unknown): readonly WirePacket[] {
  const packets: WirePacket[] = [];
  const decoder = new wire.Decoder();
  decoder.on('decoded', (packet) => packets.push(packet));
  decoder.add(message);
  return packets;
}
