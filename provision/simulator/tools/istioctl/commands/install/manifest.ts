import type { NewObject } from '../../../../client/client.ts';
import { manifestsFor } from '../../../install/index.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import { byText } from '../../text-order.ts';
import { OPERATOR_FLAGS, operatorOf } from './operator-flags.ts';
import { translate } from './translate.ts';

export const manifestCommand: Command = {
  name: 'manifest',
  short: 'Show what an installation consists of',
  commands: [
    {
      name: 'generate',
      short: 'Print the objects that istioctl install would create',
      examples: `  # Everything of the profile demo
  istioctl manifest generate --set profile=demo > istio.yaml`,
      flags: [
        ...OPERATOR_FLAGS,
        { name: 'output', short: 'o', type: 'text', usage: 'File to write to' },
        {
          name: 'cluster-specific',
          type: 'boolean',
          usage: 'Accepted: nothing depends on the kind of cluster here',
        },
      ],
      run: generate,
    },
    {
      name: 'translate',
      short: 'Turn an IstioOperator into values for Helm',
      examples: `  # Values and scripts for a change from istioctl to Helm
  istioctl manifest translate -f istio.yaml -o istio-helm`,
      flags: [
        ...OPERATOR_FLAGS,
        { name: 'output', short: 'o', type: 'text', usage: 'Folder to write to' },
      ],
      run: translate,
    },
  ],
};

async function generate(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (args.length > 0) {
    throw new CommandError(
      `generate accepts no positional arguments, got []string{${args.map((one) => JSON.stringify(one)).join(', ')}}`,
    );
  }
  const operator = await operatorOf(invocation);
  const components = manifestsFor(operator, { crds: await context.crds() });
  const text = await manifestText(components.flatMap(({ objects }) => objects));
  const output = flags.text('output');
  if (output === '') context.terminal.stdout(text);
  else await context.writeText(output, text);
  return EXIT.done;
}

/** Objects as istioctl prints them: what others wait for first, each document closed. */
async function manifestText(objects: readonly NewObject[]): Promise<string> {
  const sorted = objects.toSorted(
    (one, other) =>
      placeOf(one) - placeOf(other) ||
      byText(groupOf(one), groupOf(other)) ||
      byText(one.kind, other.kind) ||
      byText(one.metadata.name ?? '', other.metadata.name ?? ''),
  );
  const documents = await Promise.all(sorted.map((object) => toYaml([object])));
  return documents.map((document) => `${document}\n---\n`).join('');
}

/** Kinds that go before or after all others; the rest stands at 1,000. */
const PLACES: Readonly<Record<string, number>> = {
  CustomResourceDefinition: -1000,
  ServiceAccount: 1,
  ClusterRole: 1,
  ClusterRoleBinding: 2,
  ValidatingWebhookConfiguration: 3,
  ConfigMap: 100,
  HorizontalPodAutoscaler: 1001,
  Service: 10_000,
};
const USUAL_PLACE = 1000;

function placeOf({ kind }: NewObject): number {
  return PLACES[kind] ?? USUAL_PLACE;
}

function groupOf({ apiVersion }: NewObject): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
