import assert from 'node:assert/strict';
import { test } from 'node:test';

import { array, assert as holds, double, integer, property } from 'fast-check';

import { RING_BYTES } from './limits.ts';
import { OutputRing } from './ring.ts';

test('OutputRing.read() gives exactly the bytes of the stream, or undefined for what is gone', () => {
  holds(
    property(
      array(integer({ min: 0, max: 90_000 }), { maxLength: 12 }),
      double({ min: 0, max: 1, noNaN: true }),
      (lengths, share) => {
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const stream = Buffer.alloc(total);
        for (let index = 0; index < total; index++)
          stream[index] = (index * 7 + (index >> 8)) % 251;
        const ring = new OutputRing();
        let at = 0;
        for (const length of lengths) {
          ring.append(stream.subarray(at, at + length));
          at += length;
        }
        const offset = Math.floor(share * total);
        const isKept = offset >= ring.start;
        assert.equal(ring.end, total);
        assert.equal(ring.start, Math.max(0, total - Math.min(RING_BYTES, ringSize(lengths))));
        assert.deepEqual(ring.read(offset), isKept ? stream.subarray(offset) : undefined);
      },
    ),
    { numRuns: 60 },
  );
});

/** 16 KiB, grown fourfold as the stream does. */
function ringSize(lengths: readonly number[]): number {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let size = 16 * 1024;
  while (size < total && size < RING_BYTES) size *= 4;
  return size;
}
