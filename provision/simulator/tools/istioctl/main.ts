import process, { env, exit, stdin, stdout, stderr } from 'node:process';

import { EXIT } from './cli/command.ts';
import { runCommand } from './cli/run.ts';
import { rootCommand } from './commands/root.ts';
import { systemContext } from './system-context.ts';

// The entry of the command line: the only place of istioctl that reads the process it runs in.
// The documentation ends dashboards by `pgrep istioctl | xargs kill`.
process.title = ['istioctl', ...process.argv.slice(2)].join(' ');
const context = systemContext({ env, stdin, stdout, stderr });
// Whoever reads through a pipe may have heard enough: `istioctl manifest generate | head`.
stdout.on('error', () => exit(1));
const status = await runCommand(rootCommand, process.argv.slice(2), context).catch(
  (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`Error: ${why}\n`);
    return EXIT.failed;
  },
);
// Open keep-alive connections would hold the process for seconds; streams are flushed first.
stdout.write('', () => stderr.write('', () => exit(status)));
