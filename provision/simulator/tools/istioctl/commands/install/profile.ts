import { OperatorError, PROFILE_NAMES, resolveOperator } from '../../../install/index.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';

export const profileCommand: Command = {
  name: 'profile',
  short: 'Show the profiles an installation can start from',
  commands: [
    { name: 'list', short: 'Names of the profiles', run: list },
    {
      name: 'dump',
      use: '[<profile>] [flags]',
      short: 'What a profile says',
      run: dump,
    },
  ],
};

async function list({ context }: Invocation): Promise<number> {
  const names = PROFILE_NAMES.map((name) => `    ${name}\n`).join('');
  context.terminal.stdout(`Istio configuration profiles:\n${names}`);
  return EXIT.done;
}

async function dump({ args, context }: Invocation): Promise<number> {
  const [name = 'default', ...more] = args;
  if (more.length > 0) throw new CommandError('too many positional arguments');
  context.terminal.stdout(
    await toYaml([
      {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        spec: specOf(name),
      },
    ]),
  );
  return EXIT.done;
}

function specOf(profile: string) {
  try {
    const { spec, values } = resolveOperator({ sets: [`profile=${profile}`] });
    return { ...spec, values };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new CommandError(error.message, undefined, { cause: error });
  }
}
