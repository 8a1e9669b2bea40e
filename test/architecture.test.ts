import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CONFIGURATION = ['.oxlintrc.json', '.gitignore', 'package.json', 'tsconfig.json'];
const ROOMS = 'server server/protocol web verifiers provision provision/simulator bin test'.split(
  ' ',
);

/** A breach of one rule: a file, what is wrong in it, and which of the two tools must say so. */
interface Breach {
  readonly rule: string;
  readonly file: string;
  readonly code: string;
  readonly caughtBy: readonly ('tsc' | 'oxlint')[];
}

const BREACHES: readonly Breach[] = [
  {
    rule: 'the page never imports provision/',
    file: 'web/breach.ts',
    code: "import { x } from '../provision/index.ts';\nexport const y = x;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: 'the page knows nothing of Node',
    file: 'web/breach.ts',
    code: "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: 'the protocol knows nothing of Node',
    file: 'server/protocol/breach.ts',
    code: "import path from 'node:path';\nexport const y = path.sep;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: 'the protocol knows nothing of the DOM',
    file: 'server/protocol/breach.ts',
    code: 'export const y = document.title;\n',
    caughtBy: ['tsc'],
  },
  {
    rule: 'a verifier never imports the server',
    file: 'verifiers/breach.ts',
    code: "import { x } from '../server/index.ts';\nexport const y = x;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: "a verifier never imports the simulator's store",
    file: 'verifiers/breach.ts',
    code: "import { x } from '../provision/simulator/apiserver/store.ts';\nexport const y = x;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: 'the simulator never imports verifiers, types included',
    file: 'provision/simulator/breach.ts',
    code: "import type { X } from '../../verifiers/index.ts';\nexport type Y = X;\n",
    caughtBy: ['tsc', 'oxlint'],
  },
  {
    rule: 'the simulator never imports the room above it',
    file: 'provision/simulator/breach.ts',
    code: "import { x } from '../index.ts';\nexport const y = x;\n",
    caughtBy: ['tsc'],
  },
  {
    rule: "the server enters provision/ by its index.ts, never the simulator's insides",
    file: 'server/breach.ts',
    code: "import { x } from '../provision/simulator/index.ts';\nexport const y = x;\n",
    caughtBy: ['oxlint'],
  },
  {
    rule: 'the server enters verifiers/ by its index.ts',
    file: 'server/breach.ts',
    code: "import { x } from '../verifiers/one.ts';\nexport const y = x;\n",
    caughtBy: ['oxlint'],
  },
  {
    rule: "a controller never imports the API server's store",
    file: 'provision/simulator/controllers/breach.ts',
    code: "import { x } from '../apiserver/store.ts';\nexport const y = x;\n",
    caughtBy: ['oxlint'],
  },
  {
    rule: 'no enum',
    file: 'server/breach.ts',
    code: 'export enum Y { A }\n',
    caughtBy: ['tsc'],
  },
  {
    rule: 'no promise is left alone',
    file: 'server/breach.ts',
    code: 'const later = async () => 1;\nlater();\nexport const y = later;\n',
    caughtBy: ['oxlint'],
  },
];

let copy: string;

before(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'regatta-walls-'));
  for (const name of CONFIGURATION) cpSync(path.join(ROOT, name), path.join(copy, name));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  mkdirSync(path.join(copy, 'web/language'), { recursive: true });
  writeFileSync(path.join(copy, 'web/language/walls.test.ts'), 'export const x = 1;\n');
  const fixture = 'export const x = 1;\nexport interface X { readonly a: number }\n';
  for (const room of ROOMS) {
    mkdirSync(path.join(copy, room), { recursive: true });
    for (const name of ['tsconfig.json', 'tsconfig.tests.json']) {
      const file = path.join(ROOT, room, name);
      if (existsSync(file)) cpSync(file, path.join(copy, room, name));
    }
    writeFileSync(path.join(copy, room, 'index.ts'), fixture);
  }
  for (const file of ['provision/simulator/apiserver/store.ts', 'verifiers/one.ts']) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    writeFileSync(path.join(copy, file), fixture);
  }
});

after(() => rmSync(copy, { recursive: true, force: true }));

/** Which tools complain about the breaching file. */
function complaints(breach: Breach): readonly string[] {
  const file = path.join(copy, breach.file);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, breach.code);
  try {
    return (['tsc', 'oxlint'] as const).filter((tool) => {
      const args = tool === 'tsc' ? ['-b'] : ['--format', 'unix'];
      const run = spawnSync(path.join(ROOT, 'node_modules/.bin', tool), args, {
        cwd: copy,
        encoding: 'utf8',
      });
      return run.status !== 0 && `${run.stdout}${run.stderr}`.includes(path.basename(breach.file));
    });
  } finally {
    rmSync(file);
  }
}

test('the walls stand where nothing is broken', () => {
  const harmless: Breach = {
    rule: '',
    file: 'server/breach.ts',
    code: 'export const y = 1;\n',
    caughtBy: [],
  };
  assert.deepEqual(complaints(harmless), []);
});

for (const breach of BREACHES) {
  test(`wall: ${breach.rule}`, () => {
    const caughtBy = complaints(breach);
    const silent = breach.caughtBy.filter((tool) => !caughtBy.includes(tool));
    assert.deepEqual(silent, [], `${silent.join(', ')} let it through`);
  });
}
