import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process, { env, exit, stderr, stdin, stdout } from 'node:process';

import { systemContext } from '../istioctl/system-context.ts';
import { runHelm } from './cli.ts';
import { helmRoot } from './commands/root.ts';
import type { RepositoryFile } from './repositories.ts';

// The entry of the command line: the only place of helm that reads the process it runs in.
const configHome = env['HELM_CONFIG_HOME'] ?? path.join(env['HOME'] ?? '.', '.config/helm');
const file = env['HELM_REPOSITORY_CONFIG'] ?? path.join(configHome, 'repositories.yaml');

const repositories: RepositoryFile = {
  read() {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // No repository has been added yet.
      return undefined;
    }
  },
  write(text) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  },
};

const context = systemContext({ env, stdin, stdout, stderr });
// Whoever reads through a pipe may have heard enough: `helm template … | head`.
stdout.on('error', () => exit(1));
const status = await runHelm(helmRoot, process.argv.slice(2), { context, repositories, env }).catch(
  (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`Error: ${why}\n`);
    return 1;
  },
);
// Open keep-alive connections would hold the process for seconds; streams are flushed first.
stdout.write('', () => stderr.write('', () => exit(status)));
