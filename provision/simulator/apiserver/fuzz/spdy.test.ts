import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import * as fc from 'fast-check';

import {
  CONTROL_FRAME_LIMIT_BYTES,
  HEADER_BLOCK_LIMIT_BYTES,
  SPDY_LIMIT_STREAMS,
} from '../limits.ts';
import { SpdyConnection } from '../spdy/connection.ts';
import { CONTROL, controlFrame, dataFrame } from '../spdy/frame.ts';
import type { SpdyStream } from '../spdy/stream.ts';
import { runs } from './raw-server.ts';
import { describeFrames, SpdyClient } from './spdy-client.ts';

/** A server that echoes on every stream, and a client that says what it likes. */
class Conversation implements Disposable {
  readonly client = new SpdyClient();
  readonly connection: SpdyConnection;
  hasEnded = false;
  #sent: Buffer[] = [];

  constructor(onStream: (stream: SpdyStream) => void = (stream) => void stream.pipe(stream)) {
    this.connection = new SpdyConnection({
      send: async (bytes) => void this.#sent.push(Buffer.from(bytes)),
      onStream,
      onEnd: () => {
        this.hasEnded = true;
      },
    });
  }

  /** What the server sends in answer to bytes, in words. */
  async say(...frames: readonly Buffer[]): Promise<readonly string[]> {
    this.#sent = [];
    for (const frame of frames) await this.connection.receive(frame);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    return describeFrames(Buffer.concat(this.#sent));
  }

  [Symbol.dispose](): void {
    this.connection.destroy();
    this.client[Symbol.dispose]();
  }
}

test('A SPDY connection survives any bytes: it goes on, or says GOAWAY and ends', async () => {
  using model = new SpdyClient();
  const opening = await model.open(1, { streamtype: 'data', port: '80' });
  const control = fc
    .tuple(fc.nat(12), fc.uint8Array({ maxLength: 40 }), fc.nat(3))
    .map(([type, body, flags]) => controlFrame(type, body, flags));
  const data = fc
    .tuple(fc.nat(7), fc.uint8Array({ maxLength: 30 }), fc.boolean())
    .map(([id, bytes, isLast]) => dataFrame(id, bytes, isLast));
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const frames = fc.array(fc.oneof(control, data, noise, fc.constant(opening)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 50 }), async (sent, pieceBytes) => {
      using conversation = new Conversation();
      const all = Buffer.concat(sent);
      const pieces: Buffer[] = [];
      for (let at = 0; at < all.length; at += pieceBytes) {
        pieces.push(all.subarray(at, at + pieceBytes));
      }
      const answers = await conversation.say(...pieces);
      assert.equal(conversation.hasEnded, answers.at(-1)?.startsWith('goaway') ?? false);
    }),
    runs(300),
  );
});

test('Streams of a SPDY connection echo, end on both sides, and are reset by either side', async () => {
  using conversation = new Conversation();
  const { client } = conversation;
  assert.deepEqual(await conversation.say(await client.open(1, { a: 'b' }), client.data(1, 'hi')), [
    'reply 1',
    'data 1 "hi"',
  ]);
  assert.deepEqual(await conversation.say(client.data(1, '!', true)), [
    'data 1 "!"',
    'data 1 "" end',
  ]);
  const reset = Buffer.from([0, 0, 0, 3, 0, 0, 0, 5]);
  assert.deepEqual(
    await conversation.say(await client.open(3, {}), controlFrame(CONTROL.rstStream, reset)),
    ['reply 3'],
  );
  assert.deepEqual(
    await conversation.say(client.data(3, 'late'), client.data(9, 'never opened')),
    [],
  );
  assert.deepEqual(await conversation.say(controlFrame(CONTROL.ping, Buffer.from([0, 0, 0, 7]))), [
    'ping 7',
  ]);
  // An even number answers a ping of the server's own; it sends none.
  assert.deepEqual(
    await conversation.say(controlFrame(CONTROL.ping, Buffer.from([0, 0, 0, 8]))),
    [],
  );
});

test('What breaks the rules of SPDY ends the connection: stream numbers, versions, lengths, compressed bombs', async () => {
  const broken: Readonly<Record<string, (client: SpdyClient) => Promise<readonly Buffer[]>>> = {
    'an even number': async (client) => [await client.open(2, {})],
    'a number again': async (client) => [await client.open(1, {}), await client.open(1, {})],
    'another version': async () => [Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])],
    'a frame that is too long': async () => [
      controlFrame(CONTROL.synStream, Buffer.alloc(CONTROL_FRAME_LIMIT_BYTES + 1)),
    ],
    'a block that is not compressed': async (client) => [client.synStream(1, Buffer.alloc(20, 7))],
    'a block that unfolds': async (client) => {
      const bomb = await client.compress(Buffer.alloc(1000 * HEADER_BLOCK_LIMIT_BYTES));
      return [client.synStream(1, bomb.subarray(0, CONTROL_FRAME_LIMIT_BYTES - 10))];
    },
    'headers that are cut short': async (client) => [
      client.synStream(1, await client.compress(Buffer.from([0, 0, 0, 9, 0, 0]))),
    ],
  };
  for (const [name, frames] of Object.entries(broken)) {
    using conversation = new Conversation();
    const answers = await conversation.say(...(await frames(conversation.client)));
    assert.match(answers.at(-1) ?? '', /^goaway /, name);
    assert.ok(conversation.hasEnded, name);
  }
});

test('A SPDY connection refuses streams beyond the limit and goes on with the others', async () => {
  using conversation = new Conversation(() => undefined);
  const { client } = conversation;
  const openings: Buffer[] = [];
  for (let index = 0; index <= SPDY_LIMIT_STREAMS; index++) {
    openings.push(await client.open(2 * index + 1, {}));
  }
  const answers = await conversation.say(...openings);
  const last = 2 * SPDY_LIMIT_STREAMS + 1;
  assert.deepEqual(answers.slice(-2), [`reply ${last - 2}`, `reset ${last} 3`]);
});

test('A stream that nobody reads holds its connection back instead of filling the memory', async () => {
  const streams: SpdyStream[] = [];
  using conversation = new Conversation((stream) => void streams.push(stream));
  const { client } = conversation;
  await conversation.say(await client.open(1, {}));
  let isTaken = false;
  const receiving = conversation.connection
    .receive(client.data(1, 'x'.repeat(100_000)))
    .then(() => {
      isTaken = true;
      return isTaken;
    });
  await setImmediate();
  assert.equal(isTaken, false);
  streams[0]?.resume();
  assert.ok(await receiving);
});
