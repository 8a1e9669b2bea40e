import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { JsonObject } from '../object.ts';
import { compile, dyn, schemaType, toValue, typeText, type Declarations } from './index.ts';

const schema: JsonObject = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    ratio: { type: 'number' },
    name: { type: 'string' },
    'my-key.x/y': { type: 'string' },
    namespace: { type: 'string' },
    list: { type: 'array', items: { type: 'integer' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, name: { type: 'string' } },
      },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    time: { type: 'string', format: 'date-time' },
    wait: { type: 'string', format: 'duration' },
    data: { type: 'string', format: 'byte' },
    mixed: { 'x-kubernetes-int-or-string': true },
    empty: { type: 'string' },
  },
};

const object: JsonObject = {
  count: 5,
  ratio: 2,
  name: 'grüße',
  'my-key.x/y': 'k',
  namespace: 'ns',
  list: [3, 1, 2],
  set: ['a', 'b'],
  ports: [
    { port: 1, name: 'one' },
    { port: 2, name: 'two' },
  ],
  labels: { app: 'web', 'a-b': 'c' },
  time: '2024-02-29T12:30:45.5Z',
  wait: '1h30m',
  data: 'aGk=',
  mixed: '10%',
};

const declarations: Declarations = {
  variable: (name) => (name === 'self' ? schemaType(schema) : name === 'object' ? dyn : undefined),
};

/** The value as text, or the error; `compile:` before what the compiler says. */
function result(text: string): string {
  const compiled = compile(text, declarations);
  if (compiled.type === 'failed')
    return `compile: ${compiled.problem.replace('compilation failed: ', '')}`;
  const outcome = compiled.program.evaluate((name) =>
    name === 'self' ? toValue(object, schema) : toValue(object),
  );
  if (outcome.type !== 'value') return `error: ${outcome.message}`;
  return typeof outcome.value === 'boolean' ? String(outcome.value) : 'another value';
}

/** Expressions that must be true. */
const TRUE: Readonly<Record<string, readonly string[]>> = {
  'fields, maps and lists': [
    'self.count == 5 && self.ratio == 2.0',
    "self.my__dash__key__dot__x__slash__y == 'k' && self.__namespace__ == 'ns'",
    "self.labels['app'] == 'web' && self.labels.app == 'web' && 'a-b' in self.labels",
    'has(self.name) && !has(self.empty) && !has(self.labels.missing)',
    'self.list[0] == 3 && 2 in self.list && !(4 in self.list)',
    "type(self.mixed) == string && self.mixed == '10%'",
    "object.ports[1].name == 'two' && object.labels.size() == 2",
    "{'a': 1, 'b': 2}['b'] == 2 && {1: 'x'}[1] == 'x'",
    "self.data == b'hi' && size(self.data) == 2",
  ],
  'sets and keyed lists': [
    "self.set == ['b', 'a'] && self.set != ['a']",
    "self.set + ['b', 'c'] == ['a', 'b', 'c']",
    '(self.ports + [self.ports[0]]).size() == 2',
    'self.list != [1, 2, 3]',
  ],
  arithmetic: [
    '7 / 2 == 3 && -7 / 2 == -3 && -7 % 3 == -1 && 7.0 / 2.0 == 3.5',
    '1u + 2u == 3u && 0x10 == 16 && 1e3 == 1000.0 && -9223372036854775808 < 0',
    '1 < 2.5 && 3u > 2 && dyn(1) == dyn(1.0)',
    "int('42') == 42 && string(1.5) == '1.5' && double('2') == 2.0 && bool('true') && uint(3) == 3u",
  ],
  'macros and two variables': [
    'self.list.all(x, x > 0) && self.list.exists(x, x == 2) && self.list.exists_one(x, x == 3)',
    'self.list.map(x, x * 2) == [6, 2, 4] && self.list.map(x, x > 1, x) == [3, 2]',
    'self.list.filter(x, x > 1).size() == 2',
    "self.labels.all(k, k != '') && self.labels.map(k, self.labels[k]).size() == 2",
    'self.list.exists(x, 1 / (x - 1) > 0)',
    'self.list.all(i, x, i < 3 && x > 0) && self.list.transformList(i, x, i + x) == [3, 2, 4]',
    "self.labels.transformMap(k, v, v + '!')['app'] == 'web!'",
    'cel.bind(x, self.count * 2, x + x == 20)',
    '[[1, 2], [3]].all(x, x.all(y, y > 0))',
  ],
  'short cuts hide errors': [
    'true || 1 / 0 == 1',
    '1 / 0 == 1 || true',
    '!(false && object.nothing.at.all)',
    'self.count > 0 ? true : 1 / 0 == 1',
  ],
  optionals: [
    "self.?empty.orValue('none') == 'none' && self.?name.hasValue()",
    "object.?a.?b.orValue('x') == 'x' && self.labels[?'app'].value() == 'web'",
    'optional.of(1).optMap(x, x + 1).value() == 2 && !optional.none().hasValue()',
    'self.list[?9].or(optional.of(7)).value() == 7',
    "optional.ofNonZeroValue('').orValue('zero') == 'zero'",
  ],
  strings: [
    "self.name.size() == 5 && self.name.charAt(2) == 'ü' && self.name.indexOf('e') == 4",
    "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
    "['a', 'b'].join('-') == 'a-b' && 'abc'.reverse() == 'cba' && ' a '.trim() == 'a'",
    "'aXbX'.replace('X', 'y') == 'ayby' && 'aXbX'.replace('X', 'y', 1) == 'aybX'",
    "'Ab'.lowerAscii() == 'ab' && 'ab'.upperAscii() == 'AB' && 'abc'.lastIndexOf('c') == 2",
    "'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco'",
    "'%s is %d, %.1f and %x'.format(['it', 3, 1.5, 255]) == 'it is 3, 1.5 and ff'",
    "'%s'.format([[dyn(1), 'a', {'k': true}]]) == '[1, a, {k: true}]'",
    'strings.quote(\'a"b\') == \'"a\\\\"b"\'',
  ],
  'lists, sets and numbers': [
    '!self.list.isSorted() && [1, 2, 2].isSorted()',
    'self.list.sum() == 6 && self.list.min() == 1 && self.list.max() == 3 && [].sum() == 0',
    'self.list.indexOf(1) == 1 && [1, 2, 1].lastIndexOf(1) == 2 && self.list.indexOf(9) == -1',
    'sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2])',
    'math.greatest(1, 3, 2) == 3 && math.least([2, 1]) == 1',
  ],
  patterns: [
    "self.name.matches('^[a-zü]+') && 'abc 123'.find('[0-9]+') == '123'",
    "'1 22 333'.findAll('[0-9]+') == ['1', '22', '333'] && '1 2'.findAll('[0-9]', 1) == ['1']",
    "'ABC'.matches('(?i)abc') && !'x'.matches('^$')",
  ],
  'times and durations': [
    'self.time.getFullYear() == 2024 && self.time.getMonth() == 1 && self.time.getDate() == 29',
    "self.time.getHours('Europe/Paris') == 13 && self.time.getMilliseconds() == 500",
    "self.wait == duration('90m') && self.wait.getMinutes() == 90",
    "self.time + self.wait > self.time && self.time - self.time == duration('0s')",
    "string(timestamp('2024-01-01T00:00:00Z')) == '2024-01-01T00:00:00Z' && string(self.wait) == '5400s'",
  ],
  'URLs, addresses and networks': [
    "url('https://u@h.example:80/a%20b?x=1&x=2').getHost() == 'h.example:80'",
    "url('https://[::1]:80/').getHostname() == '::1' && url('/p').getScheme() == ''",
    "url('https://h/a?x=1&x=2').getQuery()['x'] == ['1', '2'] && url('https://h/a').getEscapedPath() == '/a'",
    "isURL('https://h') && !isURL('h') && !isURL('../a')",
    "ip('10.0.0.1').family() == 4 && ip('fe80::1').isLinkLocalUnicast() && isIP('::1') && !isIP('1.2.3')",
    "ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1') && ip('2001:db8::1') == ip('2001:DB8:0::1')",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')",
    "cidr('10.1.2.3/8').masked().ip() == ip('10.0.0.0') && cidr('::/64').prefixLength() == 64",
  ],
  'quantities, versions and formats': [
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('50k').add(20) == quantity('50020')",
    "quantity('1.5').sub(quantity('500m')).asInteger() == 1 && !quantity('1.5').isInteger()",
    "isQuantity('1.3Gi') && !isQuantity('1.3G1') && quantity('-1').sign() == -1",
    "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1",
    "semver('v1.2', true).minor() == 2 && !isSemver('v1.2') && semver('1.2.3').major() == 1",
    "!format.dns1123Label().validate('web').hasValue() && format.uuid().validate('x').hasValue()",
    "format.named('labelValue').hasValue() && !format.named('nothing').hasValue()",
  ],
};

for (const [name, expressions] of Object.entries(TRUE)) {
  test(`expressions: ${name}`, () => {
    assert.deepEqual(
      expressions.map((text) => [text, result(text)]),
      expressions.map((text) => [text, 'true']),
    );
  });
}

test('what cannot be evaluated ends with an error in the words of cel-go', () => {
  assert.deepEqual(
    [
      'object.nothing',
      "self.labels['x'] == ''",
      'self.list[7] == 1',
      '1 / 0 == 1',
      '1 % 0 == 1',
      '9223372036854775807 + 1 == 0',
      "duration('x') == duration('1s')",
      "object.count.startsWith('a')",
      '[].min() == 1',
      "quantity('x').isInteger()",
    ].map(result),
    [
      'error: no such key: nothing',
      'error: no such key: x',
      'error: index out of bounds: 7',
      'error: division by zero',
      'error: modulus by zero',
      'error: integer overflow',
      'error: time: invalid duration "x"',
      'error: no such overload',
      'error: min called on empty list',
      "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  );
});

test('mistakes are shown with the line and a caret, all of one expression at once', () => {
  const text = "self.nothing > 1 ||\n\tself.count > 'a' || other(self)";
  assert.equal(
    result(text),
    `compile: ERROR: <input>:1:5: undefined field 'nothing'
 | self.nothing > 1 ||
 | ....^
ERROR: <input>:2:13: found no matching overload for '_>_' applied to '(int, string)'
 |  self.count > 'a' || other(self)
 | ............^
ERROR: <input>:2:27: undeclared reference to 'other' (in container '')
 |  self.count > 'a' || other(self)
 | ..........................^`,
  );
  const start =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
  assert.deepEqual(
    [
      'self.count >',
      '(self',
      'self.count 5',
      'a = 1',
      'if',
      '[1, "a"]',
      'has(self)',
      'x.all(1, true)',
    ].map((one) => result(one).split('\n')[0]),
    [
      `compile: ERROR: <input>:1:13: Syntax error: mismatched input '<EOF>' expecting ${start}`,
      "compile: ERROR: <input>:1:6: Syntax error: missing ')' at '<EOF>'",
      "compile: ERROR: <input>:1:12: Syntax error: extraneous input '5' expecting <EOF>",
      "compile: ERROR: <input>:1:3: Syntax error: token recognition error at: '= '",
      'compile: ERROR: <input>:1:1: reserved identifier: if',
      "compile: ERROR: <input>:1:5: expected type 'int' but found 'string'",
      'compile: ERROR: <input>:1:5: invalid argument to has() macro',
      'compile: ERROR: <input>:1:7: argument must be a simple name',
    ],
  );
});

test('an expression that would take too long is ended, but for regular expressions, which never do', () => {
  const ten = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
  const nested = (times: number, outer: (inner: string) => string, inner: string): string =>
    times === 0 ? inner : outer(nested(times - 1, outer, inner));
  assert.deepEqual(
    [
      `${nested(8, (inner) => `${ten}.map(x, ${inner})`, '1')}.size() == 10`,
      `'${'a'.repeat(60)}!'.matches('^(a+)+$')`,
      `cel.bind(a, 'x', ${nested(60, (inner) => `cel.bind(a, a + a, ${inner})`, 'a.size()')}) > 0`,
      `cel.bind(a, 'x', ${nested(60, (inner) => `cel.bind(a, '%s%s'.format([a, a]), ${inner})`, 'a.size()')}) > 0`,
      "'x'.replace('', 'y'.replace('', 'z')).size() > 0",
    ].map(result),
    [
      'error: operation cancelled: actual cost limit exceeded',
      'false',
      'error: operation cancelled: actual cost limit exceeded',
      'error: operation cancelled: actual cost limit exceeded',
      'true',
    ],
  );
});

test('an expression is compiled once for all who declare the same', () => {
  assert.equal(compile('self.count > 1', declarations), compile('self.count > 1', declarations));
});

const ATOMS = [
  'self',
  'object',
  'self.count',
  'self.name',
  'self.list',
  'self.labels',
  'object.ports',
  'x',
  '1',
  '-1',
  '0u',
  '1.5',
  "'a'",
  "''",
  'null',
  'true',
  '[]',
  '{}',
  "b'a'",
  'int',
  "'[a-'",
  '9223372036854775807',
  "'%s%d'",
  "duration('1h')",
  'self.time',
  "ip('::1')",
];
const OPERATORS = ['+', '-', '*', '/', '%', '==', '<', '&&', '||', 'in', '?', '[?'];
const METHODS =
  'size matches split format sum indexOf substring replace orValue isSorted find join getHost constructor __proto__ toString'.split(
    ' ',
  );
const LOOPS = ['all', 'map', 'exists_one', 'filter', 'transformMap'];
const FUNCTIONS = ['int', 'string', 'dyn', 'url', 'quantity', 'has', 'type', 'timestamp'];

/** Random expressions, most of them wrong in some way. */
const expressions = fc.letrec<{ expression: string }>((tie) => {
  const part = tie('expression');
  return {
    expression: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(...ATOMS),
      fc.tuple(part, fc.constantFrom(...OPERATORS), part).map(([left, operator, right]) => {
        if (operator === '?') return `(${left}) ? (${right}) : (${left})`;
        return operator === '[?' ? `(${left})[?${right}]` : `(${left}) ${operator} (${right})`;
      }),
      fc
        .tuple(part, fc.constantFrom(...METHODS), fc.array(part, { maxLength: 2 }))
        .map(([target, name, args]) => `(${target}).${name}(${args.join(', ')})`),
      fc.tuple(part, fc.constantFrom(...LOOPS), part).map(([target, name, body]) => {
        const variables = name === 'transformMap' ? 'x, y' : 'x';
        return `(${target}).${name}(${variables}, ${body})`;
      }),
      fc.tuple(fc.constantFrom(...FUNCTIONS), part).map(([name, arg]) => `${name}(${arg})`),
    ),
  };
}).expression;

test('whatever the expression, it ends soon, with a value or an error of ours', () => {
  fc.assert(
    fc.property(fc.oneof(expressions, fc.string({ maxLength: 40 })), (text) => {
      const compiled = compile(text, declarations);
      if (compiled.type === 'failed')
        return /^(compilation failed: ERROR: <input>:|program instantiation failed: )/.test(
          compiled.problem,
        );
      const start = performance.now();
      const outcome = compiled.program.evaluate((name) =>
        name === 'self' ? toValue(object, schema) : toValue(object),
      );
      typeText(compiled.program.type);
      return (
        ['value', 'error', 'too-costly'].includes(outcome.type) && performance.now() - start < 2_000
      );
    }),
    { numRuns: 1_500 },
  );
});
