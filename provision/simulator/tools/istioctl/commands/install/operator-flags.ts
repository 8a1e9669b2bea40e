import { OperatorError, resolveOperator, type Operator } from '../../../install/index.ts';
import { CommandError, type Flag, type Invocation } from '../../cli/command.ts';
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
 * @throws CommandError when there is no such installation
 */
export async function operatorOf({ flags, context }: Invocation): Promise<Operator> {
  if (flags.has('manifests')) {
    throw new CommandError('--manifests is not simulated: the charts of Istio are built in');
  }
  const files = await readYaml(context, flags.list('filename'));
  const revision = flags.text('revision');
  try {
    return resolveOperator({
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
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new CommandError(`generate config: ${error.message}`, undefined, { cause: error });
  }
}
