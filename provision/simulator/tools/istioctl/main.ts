import process from 'node:process';

import { runCommand } from './cli/run.ts';
import { rootCommand } from './commands/root.ts';
import { runProcess } from './run-process.ts';

// The documentation ends dashboards by `pgrep istioctl | xargs kill`.
process.title = ['istioctl', ...process.argv.slice(2)].join(' ');
await runProcess((context) => runCommand(rootCommand, process.argv.slice(2), context));
