/** `regatta COMMAND`: finds the command, runs it, turns its outcome into an exit status (0 done, 1 not done, 2 wrong use). */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

import { UsageError } from './commands/command.ts';
import { COMMANDS } from './commands/registry.ts';

const HELP = `Usage: regatta COMMAND [OPTIONS]

Commands
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

"regatta COMMAND --help" says more about one of them.
`;

// Taking the types out of hundreds of files is most of a start; Node keeps the result. It holds for what is loaded from here on.
enableCompileCache(fileURLToPath(new URL('../.cache/compiled', import.meta.url)));
process.exitCode = await main(process.argv.slice(2));

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    const { programVersion } = await import('../server/index.ts');
    process.stdout.write(`${programVersion()}\n`);
    return 0;
  }
  const listed = COMMANDS.find((one) => one.name === name);
  if (!listed) {
    process.stderr.write(`There is no command "${name}"; "regatta --help" lists them\n`);
    return 2;
  }
  const command = await listed.load();
  if (words.includes('--help') && !words.slice(0, words.indexOf('--help')).includes('--')) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(words);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError || isConfigurationError(error) ? 2 : 1;
  }
}

/** Errors of the machine or the flags, which another try does not cure. */
function isConfigurationError(error: unknown): boolean {
  const codes = [
    'config',
    'store-unusable',
    'sandbox-unavailable',
    'kubeconfig-unusable',
    'ERR_PARSE_ARGS_UNKNOWN_OPTION',
    'ERR_PARSE_ARGS_INVALID_OPTION_VALUE',
    'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL',
  ];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
