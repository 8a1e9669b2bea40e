import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOpen, neighbours, placesOf, placeToShow } from './place.ts';

const PAGE = { title: '', html: '', actions: [] };
const STEP = { ...PAGE, checks: [] };
const LAB = { intro: PAGE, steps: [STEP, STEP], finish: PAGE };
const BARE = { steps: [STEP, STEP] };

function open(unlockedStep: number) {
  return placesOf(LAB).map((place) => isOpen(place, LAB, unlocked(unlockedStep)));
}

function unlocked(unlockedStep: number) {
  return { unlockedStep, steps: [] };
}

test('a step opens when those before it are done, the last page when all are', () => {
  assert.deepEqual(open(0), [true, true, false, false]);
  assert.deepEqual(open(1), [true, true, true, false]);
  assert.deepEqual(open(2), [true, true, true, true]);
});

test('placeToShow() begins at the introduction, goes on where the work is, and never opens a locked page', () => {
  assert.deepEqual(placeToShow(undefined, LAB, unlocked(0)), { type: 'intro' });
  assert.deepEqual(placeToShow(undefined, BARE, unlocked(0)), { type: 'step', index: 0 });
  assert.deepEqual(placeToShow(undefined, LAB, unlocked(1)), { type: 'step', index: 1 });
  assert.deepEqual(placeToShow({ type: 'step', index: 0 }, LAB, unlocked(1)), {
    type: 'step',
    index: 0,
  });
  assert.deepEqual(placeToShow({ type: 'finish' }, LAB, unlocked(1)), { type: 'step', index: 1 });
  assert.deepEqual(placeToShow({ type: 'step', index: 8 }, LAB, unlocked(2)), { type: 'finish' });
  assert.deepEqual(placeToShow({ type: 'intro' }, BARE, unlocked(2)), { type: 'step', index: 1 });
});

test('neighbours() stops at both ends', () => {
  assert.deepEqual(neighbours(LAB, { type: 'intro' }), {
    previous: undefined,
    next: { type: 'step', index: 0 },
  });
  assert.deepEqual(neighbours(LAB, { type: 'finish' }), {
    previous: { type: 'step', index: 1 },
    next: undefined,
  });
});
