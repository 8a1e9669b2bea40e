import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ACK_STEP_BYTES, KEPT_CHARACTERS, startFeed, stepFeed } from './feed.ts';
import type { Feed, FeedEffect, FeedEvent } from './feed.ts';

const SIZE = { columns: 100, rows: 30 };
const OTHER = { columns: 80, rows: 24 };
const HOLD = { role: 'writer', viewer: 1, nonce: 'n', shell: { state: 'unknown' } } as const;

function play(events: readonly FeedEvent[], from: Feed = startFeed(SIZE)) {
  let feed = from;
  const effects: FeedEffect[] = [];
  for (const event of events) {
    const [next, more] = stepFeed(feed, event);
    feed = next;
    effects.push(...more);
  }
  return { feed, effects };
}

function bytes(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 256);
}

function snapshot(offset: number, size = SIZE): FeedEvent {
  return { type: 'attached', view: { mode: 'snapshot', offset, data: 'screen', ...HOLD, ...size } };
}

function live(offset: number): Feed {
  return play([{ type: 'connected' }, snapshot(offset), { type: 'replayed' }]).feed;
}

test('a fresh page asks for everything, draws the snapshot at its own size and only then says its size', () => {
  const { feed, effects } = play([
    { type: 'connected' },
    snapshot(500, OTHER),
    { type: 'typed', data: '\u001b[?1;2c' },
    { type: 'fitted', size: SIZE },
    { type: 'output', offset: 500, data: bytes(3) },
    { type: 'drawn', offset: 400 },
    { type: 'replayed' },
  ]);
  assert.equal(feed.phase, 'live');
  assert.deepEqual(effects, [
    { type: 'attach', have: undefined, size: SIZE },
    { type: 'replay', size: OTHER, data: 'screen', offset: 500 },
    { type: 'fit-screen', size: SIZE },
    { type: 'acknowledge', offset: 500 },
    { type: 'resize', size: SIZE },
    { type: 'draw', data: bytes(3), offset: 503 },
  ]);
});

test('a page that comes back says what it has, draws only what it lacks, and sends the keys that were kept', () => {
  const { feed, effects } = play(
    [
      { type: 'disconnected' },
      { type: 'typed', data: 'ls' },
      { type: 'typed', data: 'x'.repeat(KEPT_CHARACTERS) },
      { type: 'typed', data: '\r' },
      { type: 'connected' },
      { type: 'output', offset: 10, data: bytes(4, 10) },
      {
        type: 'attached',
        view: { mode: 'resume', offset: 12, data: bytes(2, 10), ...HOLD, ...SIZE },
      },
    ],
    live(10),
  );
  assert.deepEqual(effects, [
    { type: 'attach', have: 10, size: SIZE },
    { type: 'draw', data: bytes(2, 10), offset: 12 },
    { type: 'input', data: 'ls\r' },
    { type: 'draw', data: bytes(2, 12), offset: 14 },
  ]);
  assert.equal(feed.received, 14);
  assert.equal(feed.kept, '');
});

test('output that repeats is drawn once, and a gap is asked for instead of drawn over', () => {
  const { feed, effects } = play(
    [
      { type: 'output', offset: 0, data: bytes(10) },
      { type: 'output', offset: 8, data: bytes(6, 8) },
      { type: 'output', offset: 20, data: bytes(5, 20) },
    ],
    live(10),
  );
  assert.deepEqual(effects, [
    { type: 'draw', data: bytes(4, 10), offset: 14 },
    { type: 'attach', have: 14, size: SIZE },
  ]);
  assert.equal(feed.phase, 'attaching');
});

test('drawn output is acknowledged every 32 KiB and when the screen has caught up, but not key by key', () => {
  const big = ACK_STEP_BYTES;
  const { effects } = play(
    [
      { type: 'output', offset: 0, data: bytes(3) },
      { type: 'drawn', offset: 3 },
      { type: 'output', offset: 3, data: bytes(big * 2) },
      { type: 'drawn', offset: big - 1 },
      { type: 'drawn', offset: big },
      { type: 'drawn', offset: big * 2 - 1 },
      { type: 'drawn', offset: big * 2 + 3 },
    ],
    live(0),
  );
  assert.deepEqual(
    effects.filter((effect) => effect.type === 'acknowledge'),
    [
      { type: 'acknowledge', offset: big },
      { type: 'acknowledge', offset: big * 2 + 3 },
    ],
  );
});

test('the shell hears of a new size once, and of none while the page is away', () => {
  const { effects } = play(
    [
      { type: 'fitted', size: OTHER },
      { type: 'fitted', size: OTHER },
      { type: 'disconnected' },
      { type: 'fitted', size: SIZE },
    ],
    live(0),
  );
  assert.deepEqual(effects, [
    { type: 'fit-screen', size: OTHER },
    { type: 'resize', size: OTHER },
    { type: 'fit-screen', size: OTHER },
    { type: 'fit-screen', size: SIZE },
  ]);
});

test('nothing wakes a shell that has ended', () => {
  const { feed, effects } = play(
    [
      { type: 'ended' },
      { type: 'typed', data: 'a' },
      { type: 'connected' },
      { type: 'output', offset: 0, data: bytes(1) },
    ],
    live(0),
  );
  assert.equal(feed.phase, 'ended');
  assert.deepEqual(effects, []);
});
