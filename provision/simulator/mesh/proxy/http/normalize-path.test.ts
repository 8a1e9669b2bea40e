import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PathNormalization } from '../../pilot/mesh-config.ts';
import { normalizePath } from './normalize-path.ts';

const MODES: readonly PathNormalization[] = [
  'NONE',
  'BASE',
  'MERGE_SLASHES',
  'DECODE_AND_MERGE_SLASHES',
];

test('normalizePath() does what the security best practices say of each mode', () => {
  const table: Readonly<Record<string, readonly string[]>> = {
    '/a/../b': ['/a/../b', '/b', '/b', '/b'],
    '/a/./b/.': ['/a/./b/.', '/a/b/', '/a/b/', '/a/b/'],
    '/../../a': ['/../../a', '/a', '/a', '/a'],
    '/a\\b': ['/a\\b', '/a/b', '/a/b', '/a/b'],
    '/a//b': ['/a//b', '/a//b', '/a/b', '/a/b'],
    '/a%2Fb': ['/a%2Fb', '/a%2Fb', '/a%2Fb', '/a/b'],
    '/a%5cb': ['/a%5cb', '/a%5cb', '/a%5cb', '/a/b'],
    '/%61dmin/%2e%2E/x': ['/%61dmin/%2e%2E/x', '/x', '/x', '/x'],
    '/a%20b': ['/a%20b', '/a%20b', '/a%20b', '/a%20b'],
    '/a?b=//c/../d': ['/a?b=//c/../d', '/a?b=//c/../d', '/a?b=//c/../d', '/a?b=//c/../d'],
    '*': ['*', '*', '*', '*'],
  };
  for (const [path, wanted] of Object.entries(table)) {
    assert.deepEqual(
      MODES.map((mode) => normalizePath(path, mode)),
      wanted,
      path,
    );
  }
});
