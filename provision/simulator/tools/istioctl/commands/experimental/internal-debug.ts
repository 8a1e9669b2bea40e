import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { connect } from '../../kube/connect.ts';
import { askIstiods, REVISION_FLAG } from '../istiod.ts';

export const internalDebugCommand: Command = {
  name: 'internal-debug',
  use: '[<type>/]<name>[.<namespace>] [flags]',
  short: 'Debug pages of the control plane',
  examples: `  istioctl x internal-debug syncz
  istioctl x internal-debug --list`,
  flags: [
    { name: 'all', type: 'boolean', usage: 'Ask all instances of istiod, not only the first' },
    { name: 'list', short: 'L', type: 'boolean', usage: 'List all supported debug types.' },
    REVISION_FLAG,
  ],
  run: internalDebug,
};

async function internalDebug(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const page = args[0] ?? (flags.isOn('list') ? 'list' : undefined);
  if (page === undefined) {
    throw new CommandError(
      'debug type is required, you can specify --list flag to list supported debug types',
      EXIT.usage,
    );
  }
  using api = await connect(invocation);
  let answers = await askIstiods(api, invocation, page);
  if (answers.some(({ text }) => text.includes('You must provide a proxyID'))) {
    throw new CommandError(
      ' You must provide a proxyID in the query string, e.g. [edsz?proxyID=istio-ingressgateway]',
    );
  }
  if (answers.some(({ text }) => text.includes('404 page not found'))) {
    context.terminal.stdout(
      'error: according to below command list, please check all supported internal debug commands\n',
    );
    answers = await askIstiods(api, invocation, 'list');
  }
  const shown = flags.isOn('all') ? answers : answers.slice(0, 1);
  context.terminal.stdout(shown.map(({ text }) => `${text.trimEnd()}\n`).join(''));
  return EXIT.done;
}
