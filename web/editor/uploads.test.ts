import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NO_FILE, TRANSFER_BYTES } from '#protocol';

import { ProblemError } from '../api/http.ts';
import { type Overwrite, Uploads } from './uploads.ts';

function fakeSandbox(there: readonly string[]) {
  const written: string[] = [];
  const existing = new Set(there);
  const uploads = new Uploads({
    async write(path, version) {
      if (version === NO_FILE && existing.has(path)) {
        throw new ProblemError({ code: 'file-changed', message: '' }, 409);
      }
      if (path.endsWith('full'))
        throw new ProblemError({ code: 'file-no-space', message: '' }, 507);
      written.push(path);
      return { path, version: 'v' };
    },
  });
  return { uploads, written };
}

function local(...paths: readonly string[]) {
  return paths.map((path) => ({ path, file: new File(['x'], path) }));
}

/** Answers each question with the next choice. */
function answer(uploads: Uploads, choices: readonly Overwrite[]): readonly string[] {
  const asked: string[] = [];
  let last: unknown;
  uploads.subscribe(() => {
    const { question } = uploads.state();
    if (!question || question === last) return;
    last = question;
    asked.push(question.name);
    question.answer(choices[asked.length - 1] ?? 'stop');
  });
  return asked;
}

test('Uploads.send() asks before it writes over a file, once when all are to be replaced', async () => {
  const { uploads, written } = fakeSandbox(['/d/a', '/d/b', '/d/c', '/d/e']);
  const asked = answer(uploads, ['skip', 'replace', 'replace-all']);
  assert.equal(await uploads.send(local('a', 'b', 'c', 'sub/d', 'e'), '/d'), 4);
  assert.deepEqual(
    [asked, written],
    [
      ['/d/a', '/d/b', '/d/c'],
      ['/d/b', '/d/c', '/d/sub/d', '/d/e'],
    ],
  );
  assert.deepEqual(uploads.state(), { current: undefined, question: undefined, refused: [] });
});

test('Uploads.send() stops when it is told to, and goes on after a file that was refused', async () => {
  const { uploads, written } = fakeSandbox(['/b']);
  answer(uploads, ['stop']);
  const large = { path: 'large', file: new File([new Uint8Array(TRANSFER_BYTES + 1)], 'large') };
  assert.equal(await uploads.send([...local('full'), large, ...local('a', 'b', 'c')], '/'), 1);
  assert.deepEqual(written, ['/a']);
  assert.deepEqual(
    uploads.state().refused.map(({ name, problem }) => [name, problem.code]),
    [
      ['/full', 'file-no-space'],
      ['/large', 'file-too-large-to-send'],
    ],
  );
});
