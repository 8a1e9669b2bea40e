import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matchesSelector, parseLabelSelector, selectorText } from './labels.ts';

const web = { app: 'web', tier: 'front', 'example.com/size': '3' };

test('parseLabelSelector() understands all that kubectl -l takes', () => {
  const fitting = [
    '',
    'app=web',
    'app==web,tier!=back',
    'app in (web, api),tier',
    'tier notin (back)',
    '!owner',
    'example.com/size>2,example.com/size<4',
    'missing notin (a)',
  ];
  const others = ['app=api', 'app in ()', 'tier!=front', '!app', 'owner', 'app='];
  assert.deepEqual(
    fitting.filter((text) => !parseLabelSelector(text)(web)),
    [],
  );
  assert.deepEqual(
    others.filter((text) => parseLabelSelector(text)(web)),
    [],
  );
});

test('parseLabelSelector() says what it cannot read', () => {
  assert.throws(() => parseLabelSelector('app in web'), {
    message: "unable to parse requirement: found 'web', expected: '('",
  });
  assert.throws(() => parseLabelSelector('app=a b'), {
    message: "unable to parse requirement: found 'b', expected: ',' or 'end of string'",
  });
});

test('matchesSelector() fits nothing without a selector and everything with an empty one', () => {
  assert.deepEqual(
    [matchesSelector(undefined, web), matchesSelector({}, undefined)],
    [false, true],
  );
});

test('selectorText() writes a selector as tables do', () => {
  const selector = {
    matchLabels: { tier: 'front', app: 'web' },
    matchExpressions: [
      { key: 'zone', operator: 'In' as const, values: ['b', 'a'] },
      { key: 'old', operator: 'DoesNotExist' as const },
    ],
  };
  assert.deepEqual(
    [selectorText(selector), selectorText({})],
    ['app=web,!old,tier=front,zone in (a,b)', '<none>'],
  );
});
