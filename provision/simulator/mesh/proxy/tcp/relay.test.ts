import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';

import { FakeClock } from '../../../fake-clock.ts';
import { relay } from './relay.ts';

/** Numbers in [0, 1) that are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function joined({ idleTimeoutMs = 0, durationLimitMs = 0 } = {}) {
  const clock = new FakeClock();
  const [client, downstream] = duplexPair();
  const [upstream, server] = duplexPair();
  const counts = { received: 0, sent: 0 };
  const over = relay(downstream, upstream, {
    clock,
    idleTimeoutMs,
    durationLimitMs,
    onReceived: (bytes) => void (counts.received += bytes),
    onSent: (bytes) => void (counts.sent += bytes),
  });
  return { clock, client, server, over, counts, sides: [downstream, upstream] };
}

/** Writes bytes in pieces of any size, and ends. */
function send(to: NodeJS.WritableStream, bytes: Buffer, next: () => number): void {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(next() ** 4 * 200_000);
    to.write(bytes.subarray(at, at + size));
    at += size;
  }
  to.end();
}

/** Not by iteration, which would destroy a stream that still writes. */
function digest(from: Duplex): Promise<string> {
  const hash = createHash('sha256');
  from.on('data', (chunk: Buffer) => hash.update(chunk));
  return new Promise((resolve) => void from.once('end', () => resolve(hash.digest('hex'))));
}

test('relay() hands on all bytes in both directions whatever their pieces, and leaves nothing open', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = numbers(seed * 7_919);
    const { client, server, over, counts, sides } = joined();
    const asked = Buffer.alloc(Math.floor(next() * 2_000_000), seed);
    const answered = Buffer.alloc(Math.floor(next() * 2_000_000), seed + 100);
    send(client, asked, next);
    send(server, answered, next);
    const [there, back, how] = await Promise.all([digest(server), digest(client), over]);
    assert.equal(there, createHash('sha256').update(asked).digest('hex'));
    assert.equal(back, createHash('sha256').update(answered).digest('hex'));
    assert.equal(how, 'ended');
    assert.deepEqual(counts, { received: asked.length, sent: answered.length });
    assert.deepEqual(
      sides.map(({ destroyed }) => destroyed),
      [true, true],
    );
  }
});

test('relay() hands on the end of one side while the other still speaks', async () => {
  const { client, server, over } = joined();
  client.end('question');
  let heard = '';
  for await (const chunk of server) heard += String(chunk);
  server.end('answer');
  let told = '';
  for await (const chunk of client) told += String(chunk);
  assert.deepEqual([heard, told, await over], ['question', 'answer', 'ended']);
});

test('relay() stops a writer whose reader does not read', async () => {
  const { client } = joined();
  let written = 0;
  while (client.write(Buffer.alloc(10_000))) written += 10_000;
  assert.ok(written < 1_000_000);
});

test('relay() breaks off both sides when one is gone, silent for too long, or has lasted too long', async () => {
  const broken = joined();
  const closed = new Promise((resolve) => void broken.client.once('close', resolve));
  broken.client.resume();
  broken.server.on('error', () => undefined);
  broken.server.destroy(new Error('reset'));
  assert.equal(await broken.over, 'upstream-gone');
  await closed;
  assert.equal(broken.client.readableEnded, false);

  const silent = joined({ idleTimeoutMs: 1_000 });
  await silent.clock.advance(900);
  silent.client.write('still here');
  await new Promise((resolve) => void silent.server.once('data', resolve));
  await silent.clock.advance(900);
  assert.equal(silent.sides[0]?.destroyed, false);
  await silent.clock.advance(200);
  assert.equal(await silent.over, 'idle');

  const long = joined({ durationLimitMs: 5_000 });
  await long.clock.advance(5_000);
  assert.equal(await long.over, 'too-long');
});
