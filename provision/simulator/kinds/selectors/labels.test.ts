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

test('parseLabelSelector() says in upstream words what it cannot read', () => {
  const name =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const value =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  const messages = {
    'app in web': "unable to parse requirement: found 'web' expected: '('",
    'app=a b': "found 'b', expected: ',' or 'end of string'",
    'a=b=c': "found '=', expected: ',' or 'end of string'",
    'app=web,': "found '', expected: identifier after ','",
    '=web': "found '=', expected: !, identifier, or 'end of string'",
    '!': "unable to parse requirement: found '', expected: identifier",
    'app is web': "unable to parse requirement: found 'is', expected: in, notin, =, ==, !=, gt, lt",
    'app in (a b)': "unable to parse requirement: found 'b', expected: ',' or ')'",
    'size>big':
      "unable to parse requirement: values[0]: Invalid value: \"big\": for 'Gt', 'Lt' operators, the value must be an integer",
    '-a=b': `unable to parse requirement: <nil>: Invalid value: "-a": ${name}`,
    'app=-b': `unable to parse requirement: values[0][app]: Invalid value: "-b": ${value}`,
  };
  for (const [text, message] of Object.entries(messages)) {
    assert.throws(() => parseLabelSelector(text), { message }, text);
  }
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
