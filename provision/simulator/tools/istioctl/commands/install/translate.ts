import type { NewObject } from '../../../../client/client.ts';
import { objectAt } from '../../../../kinds/json.ts';
import {
  manifestsFor,
  withoutSettings,
  type ComponentManifests,
  type ComponentName,
  type Operator,
} from '../../../install/index.ts';
import { CommandError, EXIT, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import { operatorOf } from './operator-flags.ts';

/** Charts that Istio publishes; gateways of an IstioOperator have none of their own. */
const CHARTS: Partial<
  Readonly<Record<ComponentName, { readonly name: string; readonly chart: string }>>
> = { Base: { name: 'base', chart: 'base' }, Pilot: { name: 'pilot', chart: 'istiod' } };

/**
 * Writes values for Helm, and scripts that hand the objects over to it
 * (https://istio.io/latest/docs/setup/upgrade/helm/#migrating-from-non-helm-installations).
 */
export async function translate(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (args.length > 0) {
    throw new CommandError(
      `translate accepts no positional arguments, got []string{${args.map((one) => JSON.stringify(one)).join(', ')}}`,
    );
  }
  const operator = await operatorOf(invocation);
  const folder = flags.text('output') || (await context.newFolder('istioctl-migrate-'));
  const crds = await context.crds();
  const plain = manifestsFor(withoutSettings(operator), { crds });
  const results: string[] = [];
  for (const component of manifestsFor(operator, { crds })) {
    const same = plain.find((one) => one.component === component.component);
    const { files, result } = await translated(operator, component, same);
    results.push(...result);
    for (const [name, text] of Object.entries(files)) {
      await context.writeText(`${folder}/${name}`, text, { isProgram: name.endsWith('.sh') });
    }
  }
  await context.writeText(`${folder}/README.md`, readme(results));
  context.terminal.stdout(`Output written to ${folder}! See the README.md for next steps\n`);
  return EXIT.done;
}

async function translated(
  operator: Operator,
  { component, objects }: ComponentManifests,
  plain: ComponentManifests | undefined,
) {
  const known = CHARTS[component];
  if (!known) {
    const gateways = objects.filter(({ kind }) => kind === 'Deployment');
    return {
      files: {},
      result: gateways.map(
        ({ metadata }) =>
          `* ❌ **Component \`${metadata.name}\`**: migration is **NOT** directly supported!`,
      ),
    };
  }
  const { name, chart } = known;
  const ours = await toYaml(objects);
  const helms = await toYaml(plain?.objects ?? []);
  const differs = ours !== helms;
  return {
    files: {
      [`${name}-values.yaml`]: await toYaml([objectAt(operator.spec, 'values')]),
      [`install-${name}.sh`]: script(operator, plain?.objects ?? [], { name, chart }),
      ...(differs && {
        [`diff-${name}-helm-output.yaml`]: helms,
        [`diff-${name}-istioctl-output.yaml`]: ours,
      }),
    },
    result: [
      `* ✅ **Component \`${name}\`**: migration is supported!\n${differs ? difference(name) : ''}\n  The translated values have been written to ${name}-values.yaml.\n  You may use these directly, or follow the guided \`install-${name}.sh\` script.`,
    ],
  };
}

function difference(name: string): string {
  return `
  ⚠️ Component rendering is different between Istioctl and Helm!
  This may be from incompatibilities between the two installation methods.
  Review the difference between the two and take appropriate actions to resolve these, if needed: \`diff diff-${name}-helm-output.yaml diff-${name}-istioctl-output.yaml\`.
`;
}

/** Marks what istioctl has installed as a Helm release, then lets helm go on from there. */
function script(
  { namespace }: Operator,
  objects: readonly NewObject[],
  { name, chart }: { readonly name: string; readonly chart: string },
): string {
  const marks = objects.flatMap(({ apiVersion, kind, metadata }) => {
    const group = apiVersion.includes('/')
      ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}`
      : '';
    const where = metadata.namespace === undefined ? '' : ` --namespace=${metadata.namespace}`;
    const object = `${kind}${group}${where} ${metadata.name}`;
    return [
      `kubectl annotate ${object} meta.helm.sh/release-name=${name}`,
      `kubectl annotate ${object} meta.helm.sh/release-namespace=${namespace}`,
      `kubectl label ${object} app.kubernetes.io/managed-by=Helm`,
    ];
  });
  return `${[
    '#!/usr/bin/env bash',
    '',
    '# Label/Annotate resources to mark them a part of the Helm release.',
    ...marks,
    '\n',
    '# Run the actual Helm install operation',
    `helm upgrade --install ${name} --namespace ${namespace} -f ${name}-values.yaml istio/${chart}`,
  ].join('\n')}\n`;
}

function readme(results: readonly string[]): string {
  return `# IstioOperator to Helm Migration

This folder holds what \`istioctl manifest translate\` has written; nothing in the cluster has changed.
Go through the components below to complete the change to Helm.

# Components
${results.join('\n')}
`;
}
