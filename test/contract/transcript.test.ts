import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAsExpected } from './expectation.ts';
import { fitsVersion, parseTranscript } from './transcript.ts';

test('parseTranscript() reads the title, the needs, and each command with its output', () => {
  const text = `# Shows something.
# needs: istio, metrics
# only: simulated
$ cat > a.yaml <<'END'
> kind: A
>
> END
$~ [>=1.30 <1.33] kubectl get a
NAME

one

$ true
`;
  assert.deepEqual(parseTranscript('area/some', text), {
    name: 'area/some',
    title: 'Shows something.',
    needs: ['istio', 'metrics'],
    isSimulatedOnly: true,
    steps: [
      {
        line: 4,
        script: "cat > a.yaml <<'END'\nkind: A\n\nEND",
        versions: [],
        isRepeated: false,
        expected: [],
      },
      {
        line: 8,
        script: 'kubectl get a',
        versions: ['>=1.30', '<1.33'],
        isRepeated: true,
        expected: ['NAME', '', 'one'],
      },
      { line: 13, script: 'true', versions: [], isRepeated: false, expected: [] },
    ],
  });
});

test('parseTranscript() names the line of an output that no command printed', () => {
  assert.throws(() => parseTranscript('area/some', '# Title.\n\nlost\n$ true\n'), {
    message: 'Cannot read transcript area/some: no command before line 3',
  });
});

test('fitsVersion() compares minor versions as numbers', () => {
  const fits = ['1.9', '1.30', '1.31'].map((version) => fitsVersion(['>=1.30', '<1.31'], version));
  assert.deepEqual(fits, [false, true, false]);
});

const fits = (expected: string, actual: string) =>
  isAsExpected(expected.split('\n'), actual, 'here');

test('isAsExpected() lets placeholders stand for what differs, and columns be of any width', () => {
  const expected = 'NAME        AGE\nweb-{hash}  {age}   {namespace}\n{...}\n  end: {line}';
  assert.equal(fits(expected, 'NAME      AGE\nweb-abc12   3m5s  here  \n1\n2\n  end: \n'), true);
  assert.equal(fits(expected, 'NAME   AGE\nweb-abc12   3m5s   here\n  end: x y'), true);
});

test('isAsExpected() lets a range stand for the whole numbers from the first to the last', () => {
  const fitting = ['7', '8', '12', '13'].filter((number) =>
    fits('Code 200 : {8..12} ({number} %)', `Code 200 : ${number} (36.7 %)\n`),
  );
  assert.deepEqual(fitting, ['8', '12']);
});

test('isAsExpected() refuses a missing, another or a further line, and another indentation', () => {
  assert.equal(fits('a\nb', 'a\n'), false);
  assert.equal(fits('a\nb', 'a\nc\n'), false);
  assert.equal(fits('a', 'a\nb\n'), false);
  assert.equal(fits('  a: b', '    a: b\n'), false);
  assert.equal(fits('a b', 'a  b\n'), false);
  assert.equal(fits('a.b', 'axb\n'), false);
});

test('isAsExpected() reads the deletions of newer clients, which name the namespace', () => {
  assert.equal(fits('pod "a" deleted', 'pod "a" deleted from here namespace\n'), true);
});

test('isAsExpected() leaves out what a client logs for itself, and nothing else of its log', () => {
  const watch = 'E1125 21:01:16.732533   13415 reflector.go:158] "Unhandled Error" err="gone"';
  const stream =
    'E1126 15:28:38.560419   28357 websocket.go:296] Unknown stream id 1, discarding message';
  assert.equal(fits('a', `${watch}\n${stream}\na\n`), true);
  assert.equal(fits('a', `${watch.replace('reflector', 'memcache')}\na\n`), false);
  assert.equal(fits('a', `${stream.replace('Unknown', 'Unread')}\na\n`), false);
});
