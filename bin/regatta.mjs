#!/usr/bin/env node
// The command, right after a clone too: installs what is missing, then goes on under our own Node 24.
// Plain JavaScript: the Node that starts it may be older and know no TypeScript.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { install } from '../install.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

install();
const child = spawn(
  at('../node_modules/node/bin/node'),
  ['--disable-warning=ExperimentalWarning', at('main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// The terminal's ^C reaches the child by itself; this process waits for it and passes on what only it gets.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
}
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
