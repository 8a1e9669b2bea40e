import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkStates } from './check-state.ts';

const STEP = {
  title: '',
  html: '',
  actions: [],
  checks: [
    { id: 'rule', title: 'A route exists' },
    { id: 'split', title: 'Half each' },
    { id: 'seen', title: 'Traffic flows' },
  ],
};

test('checkStates() pairs what is asked with what the last run found', () => {
  const checks = [
    { id: 'split', isPassed: false, reason: '90 % and 10 %' },
    { id: 'rule', isPassed: true },
  ];
  assert.deepEqual(checkStates(STEP, { isDone: false, checks }), [
    { id: 'rule', title: 'A route exists', state: 'passed' },
    { id: 'split', title: 'Half each', state: 'failed', reason: '90 % and 10 %' },
    { id: 'seen', title: 'Traffic flows', state: 'pending' },
  ]);
});

test('checkStates() keeps a finished step finished, whatever the cluster becomes', () => {
  const states = checkStates(STEP, { isDone: true, checks: [{ id: 'rule', isPassed: false }] });
  assert.deepEqual(
    states.map(({ state }) => state),
    ['passed', 'passed', 'passed'],
  );
});
