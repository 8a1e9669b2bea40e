import { env, exit, stdin, stdout, stderr } from 'node:process';

import { runCommand } from './cli/run.ts';
import { rootCommand } from './commands/root.ts';
import { systemContext } from './system-context.ts';

// The entry of the command line: the only place of istioctl that reads the process it runs in.
const context = systemContext({ env, stdin, stdout, stderr });
// Whoever reads through a pipe may have heard enough: `istioctl manifest generate | head`.
stdout.on('error', () => exit(1));
const status = await runCommand(rootCommand, process.argv.slice(2), context);
// Open keep-alive connections would hold the process for seconds; streams are flushed first.
stdout.write('', () => stderr.write('', () => exit(status)));
