import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { argv, env } from 'node:process';

import { runProcess } from '../istioctl/run-process.ts';
import { runHelm } from './cli.ts';
import { helmRoot } from './commands/root.ts';
import type { RepositoryFile } from './repositories.ts';

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

await runProcess((context) => runHelm(helmRoot, argv.slice(2), { context, repositories, env }));
