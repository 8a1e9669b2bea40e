import { parseArgs } from 'node:util';

import { lintLabs, readConfig } from '../../server/index.ts';
import type { Command } from './command.ts';

const HELP = `Usage: regatta lint [DIR]

Says what is wrong with the lessons of a labs folder (default: the labs of this project), file and line.
Exit status 0: nothing; 1: at least one error. Warnings alone do not fail.
`;

export const lint: Command = {
  help: HELP,
  async run(words) {
    const { positionals } = parseArgs({ args: [...words], allowPositionals: true, options: {} });
    const { labsFolder } = readConfig({ labs: positionals[0] });
    const problems = await lintLabs(labsFolder);
    for (const { file, line, severity, message } of problems) {
      process.stdout.write(`${file}:${line} ${severity}: ${message}\n`);
    }
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    process.stdout.write(`${errors} errors, ${problems.length - errors} warnings\n`);
    return errors === 0 ? 0 : 1;
  },
};
