import { isLabel, OperatorError, resolveOperator, type Operator } from '../../../install/index.ts';
import { CommandError, type Flag, type Invocation } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { readYaml } from '../../kube/yaml.ts';

/** Flags that say what to install. */
export const OPERATOR_FLAGS: readonly Flag[] = [
  {
    name: 'filename',
    short: 'f',
    type: 'list',
    usage: 'File with an IstioOperator; may be given several times, later ones win',
  },
  {
    name: 'set',
    short: 's',
    type: 'list',
    usage:
      'Value at a path of the IstioOperator, such as profile=demo or meshConfig.enableTracing=true',
  },
  { name: 'revision', short: 'r', type: 'text', usage: 'Revision that names get as a suffix' },
  { name: 'force', type: 'boolean', usage: 'Go on in spite of validation errors' },
  {
    name: 'manifests',
    short: 'd',
    type: 'text',
    usage: 'Folder with other charts; not simulated: the charts are built in',
  },
];

/**
 * The installation that the flags describe.
 * @param failure what stands before the reason when there is no such installation
 * @throws CommandError when there is none
 */
export async function operatorOf({ flags, context }: Invocation, failure = ''): Promise<Operator> {
  if (flags.has('manifests')) {
    throw new CommandError('--manifests is not simulated: the charts of Istio are built in');
  }
  const files = await operatorFiles(context, flags.list('filename'), failure);
  const revision = flags.text('revision');
  if (flags.has('revision') && !isLabel(revision)) {
    throw new CommandError(`invalid revision specified: ${revision}`);
  }
  try {
    const operator = resolveOperator({
      files,
      sets: [
        ...flags.list('set'),
        ...(revision === '' ? [] : [`revision=${revision}`]),
        ...(flags.has('istioNamespace')
          ? [`values.global.istioNamespace=${flags.text('istioNamespace')}`]
          : []),
      ],
      isForced: flags.isOn('force'),
    });
    for (const warning of operator.warnings) context.terminal.stderr(`${warning}\n`);
    return operator;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new CommandError(`${failure}${error.message}`, undefined, { cause: error });
  }
}

async function operatorFiles(context: Context, lists: readonly string[], failure: string) {
  const files = lists.flatMap((list) => list.split(','));
  const operators: unknown[] = [];
  for (const [index, file] of files.entries()) {
    if (file === '-' && index < files.length - 1) {
      throw new CommandError(`${failure}merge inputs: stdin is only allowed as the last filename`);
    }
    const documents = await readYaml(context, [file]);
    if (documents.length > 1) {
      throw new CommandError(
        `${failure}merge inputs: contains multiple IstioOperator CRs, only one per file is supported`,
      );
    }
    operators.push(...documents);
  }
  return operators;
}
