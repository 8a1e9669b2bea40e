import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  quantityValue,
  sumQuantities,
} from './quantity.ts';

test('canonicalQuantity() writes amounts as the API server stores them', () => {
  const written = [
    '0.5',
    '1000m',
    '1024Mi',
    '1.5Gi',
    '1e3',
    '0.1',
    '1500',
    '100k',
    '0',
    '12Ki',
    '0.0001',
  ];
  assert.deepEqual(written.map(canonicalQuantity), [
    '500m',
    '1',
    '1Gi',
    '1536Mi',
    '1e3',
    '100m',
    '1500',
    '100k',
    '0',
    '12Ki',
    '100u',
  ]);
});

test('isQuantity() refuses what Kubernetes refuses', () => {
  const texts = ['', 'm', '1 Gi', '1gi', '1e', '--1', '1.5.5', 'Gi', '1Kb'];
  assert.deepEqual(texts.filter(isQuantity), []);
});

test('compareQuantities() compares across suffixes', () => {
  assert.deepEqual(
    [
      compareQuantities('200m', '0.1'),
      compareQuantities('1Gi', '1024Mi'),
      compareQuantities('1G', '1Gi'),
    ],
    [1, 0, -1],
  );
});

test('sumQuantities() keeps the family of the first amount', () => {
  assert.deepEqual(
    [sumQuantities(['100m', '0.2']), sumQuantities(['64Mi', '64Mi']), sumQuantities([])],
    ['300m', '128Mi', '0'],
  );
});

test('quantityValue() gives cores and bytes as numbers', () => {
  assert.deepEqual(
    [quantityValue('250m'), quantityValue('1Ki'), quantityValue('x')],
    [0.25, 1024, Number.NaN],
  );
});

test('isQuantity() takes a hundred digits, and does not read a million', () => {
  assert.equal(isQuantity('1'.repeat(100)), true);
  assert.equal(isQuantity('1'.repeat(1_000_000)), false);
});
