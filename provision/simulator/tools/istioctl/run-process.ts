import { env, exit, stdin, stdout, stderr } from 'node:process';

import { EXIT } from './cli/command.ts';
import type { Context } from './cli/context.ts';
import { systemContext } from './system-context.ts';

/**
 * Runs a command line tool, then ends the process with the status that it gives: the only place of the tools, beside their
 * entries, that reads the process they run in.
 */
export async function runProcess(run: (context: Context) => Promise<number>): Promise<void> {
  const context = systemContext({ env, stdin, stdout, stderr });
  // Whoever reads through a pipe may have heard enough: `istioctl manifest generate | head`.
  stdout.on('error', () => exit(EXIT.failed));
  const status = await run(context).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`Error: ${why}\n`);
    return EXIT.failed;
  });
  // Open keep-alive connections would hold the process for seconds; streams are flushed first.
  stdout.write('', () => stderr.write('', () => exit(status)));
}
