import { manifestsFor } from '../../../install/index.ts';
import { EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import { notSimulated } from '../not-simulated.ts';
import { OPERATOR_FLAGS, operatorOf } from './operator-flags.ts';

export const manifestCommand: Command = {
  name: 'manifest',
  short: 'Show what an installation consists of',
  commands: [
    {
      name: 'generate',
      short: 'Print the objects that istioctl install would create',
      examples: `  # Everything of the profile demo
  istioctl manifest generate --set profile=demo > istio.yaml`,
      flags: OPERATOR_FLAGS,
      run: generate,
    },
    notSimulated('manifest translate', 'Turn an IstioOperator into values for Helm'),
  ],
};

async function generate(invocation: Invocation): Promise<number> {
  const operator = await operatorOf(invocation);
  const components = manifestsFor(operator, { crds: await invocation.context.crds() });
  const objects = components.flatMap((component) => component.objects);
  invocation.context.terminal.stdout(await toYaml(objects));
  return EXIT.done;
}
