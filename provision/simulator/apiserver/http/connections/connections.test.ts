import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { FakeClock } from '../../../fake-clock.ts';
import {
  CONNECTIONS_LIMIT,
  HEADER_LIMIT_MS,
  KEEP_ALIVE_LIMIT_MS,
  UPGRADED_LIMIT_CONNECTIONS,
} from '../../limits.ts';
import { Connections } from './connections.ts';

test('A connection is ended when its first request does not come in time, and later when its next one does not', async () => {
  const clock = new FakeClock();
  const connections = new Connections(clock);
  const [silent, busy] = [new PassThrough(), new PassThrough()];
  for (const socket of [silent, busy]) connections.expectFirst(socket);
  connections.requested(busy);
  await clock.advance(HEADER_LIMIT_MS);
  assert.deepEqual([silent.destroyed, busy.destroyed], [true, false]);
  connections.expectNext(busy);
  await clock.advance(KEEP_ALIVE_LIMIT_MS);
  assert.equal(busy.destroyed, false);
  await clock.advance(HEADER_LIMIT_MS);
  assert.equal(busy.destroyed, true);
});

test('Connections beyond the limit are ended at once, switched ones beyond theirs refused, until others have gone', async () => {
  const connections = new Connections(new FakeClock());
  const sockets = Array.from({ length: CONNECTIONS_LIMIT }, () => new Socket());
  assert.ok(sockets.every((socket) => connections.admit(socket)));
  const late = new Socket();
  assert.deepEqual([connections.admit(late), late.destroyed], [false, true]);
  const switched = sockets.slice(0, UPGRADED_LIMIT_CONNECTIONS);
  assert.ok(switched.every((socket) => connections.upgrade(socket)));
  const another = sockets.at(-1) ?? assert.fail();
  assert.equal(connections.upgrade(another), false);
  const [first] = switched;
  const closed = new Promise((resolve) => first?.on('close', resolve));
  first?.destroy();
  await closed;
  assert.deepEqual([connections.upgrade(another), connections.admit(new Socket())], [true, true]);
  connections.destroy();
});
