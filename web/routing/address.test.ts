import assert from 'node:assert/strict';
import { test } from 'node:test';

import { labAddress, readAddress } from './address.ts';

function read(address: string) {
  return readAddress(new URL(address, 'http://regatta.test'));
}

test('readAddress() knows the catalogue, a lab and a page of a lab', () => {
  assert.deepEqual(read('/'), { type: 'catalogue' });
  assert.deepEqual(read('/labs/canary'), { type: 'lab', lab: 'canary' });
  assert.deepEqual(read('/labs/canary/?step=3'), {
    type: 'lab',
    lab: 'canary',
    place: { type: 'step', index: 2 },
  });
  assert.deepEqual(read('/labs/canary?step=finish'), {
    type: 'lab',
    lab: 'canary',
    place: { type: 'finish' },
  });
});

test('readAddress() takes a step that makes no sense as none, and a strange path as unknown', () => {
  for (const step of ['0', '-1', '1.5', 'last', '99999', '']) {
    assert.deepEqual(read(`/labs/canary?step=${step}`), { type: 'lab', lab: 'canary' });
  }
  for (const path of ['/labs', '/labs/a/b', '/about', '/labs/%E0%A4%A']) {
    assert.deepEqual(read(path), { type: 'unknown' });
  }
});

test('labAddress() is read back to the place it was made of', () => {
  const places = [
    undefined,
    { type: 'intro' },
    { type: 'step', index: 4 },
    { type: 'finish' },
  ] as const;
  for (const place of places) {
    assert.deepEqual(read(labAddress('trafic à ½', place)), {
      type: 'lab',
      lab: 'trafic à ½',
      ...(place && { place }),
    });
  }
});
