import { parseArgs } from 'node:util';

import { openLearnerShell, readConfig } from '../../server/index.ts';
import type { Command } from './command.ts';
import { readStartingState } from './starting-state.ts';

const HELP = `Usage: regatta shell [OPTIONS] [-- COMMAND…]

A learner's shell in this terminal: sandbox and fresh cluster. With COMMAND, runs it there and exits with its status.

Options
  --lab ID       start as this lab starts
  --istio NAME   none (default), minimal, default, demo
  --bookinfo     with Bookinfo running (implies --istio demo)
`;

export const shell: Command = {
  help: HELP,
  async run(words) {
    const separator = words.indexOf('--');
    const [own, command] =
      separator < 0 ? [words, []] : [words.slice(0, separator), words.slice(separator + 1)];
    const { values } = parseArgs({
      args: [...own],
      options: {
        lab: { type: 'string' },
        istio: { type: 'string' },
        bookinfo: { type: 'boolean' },
        labs: { type: 'string' },
        sandbox: { type: 'string' },
      },
    });
    const startingState = readStartingState(values);
    return openLearnerShell(readConfig({ labs: values.labs, sandbox: values.sandbox }), {
      command,
      startingState,
      ...(values.lab !== undefined && { lab: values.lab }),
    });
  },
};
