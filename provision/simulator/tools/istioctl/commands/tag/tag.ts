import { CommandError, EXIT, type Command, type Flag, type Invocation } from '../../cli/command.ts';
import type { KubeApi } from '../../kube/api.ts';
import { applyObject } from '../../kube/apply.ts';
import { connect } from '../../kube/connect.ts';
import { removeObjects } from '../../kube/installed.ts';
import { toYaml } from '../../kube/yaml.ts';
import { table } from '../../terminal/table.ts';
import { isConfirmed } from '../../terminal/terminal.ts';
import { canonicalWebhook, deactivateDefault, tagObjects } from './tag-objects.ts';
import { namespacesOf, taggedObjects, tagsInCluster } from './tagged.ts';

const SET_FLAGS: readonly Flag[] = [
  { name: 'revision', short: 'r', type: 'text', usage: 'Revision the tag shall stand for' },
  { name: 'overwrite', type: 'boolean', usage: 'Change a tag that exists' },
  { name: 'webhook-name', type: 'text', usage: "Name of the tag's webhook configuration" },
  {
    name: 'auto-inject-namespaces',
    type: 'boolean',
    usage: 'Inject the namespaces that say nothing, too',
  },
  { name: 'manifests', short: 'd', type: 'text', usage: 'Not simulated: the charts are built in' },
  { name: 'skip-confirmation', short: 'y', type: 'boolean', usage: 'Do not ask' },
];

export const tagCommand: Command = {
  name: 'tag',
  short: 'Names that stand for revisions of the control plane',
  unknownArgument: (word) => new CommandError(`unknown subcommand ${JSON.stringify(word)}`),
  commands: [
    {
      name: 'set',
      use: '<revision-tag> [flags]',
      short: 'Make a tag, or point it to another revision',
      examples: `  # A tag, a namespace that uses it, and the tag on a newer revision
  istioctl tag set prod --revision 1-30-2
  kubectl label namespace test-ns istio.io/rev=prod
  istioctl tag set prod --revision 1-30-3 --overwrite`,
      flags: SET_FLAGS,
      run: set,
    },
    {
      name: 'generate',
      use: '<revision-tag> [flags]',
      short: 'Print what tag set would create',
      flags: SET_FLAGS,
      run: generate,
    },
    {
      name: 'list',
      aliases: ['show'],
      short: 'Tags, their revisions and who uses them',
      flags: [
        {
          name: 'output',
          short: 'o',
          type: 'text',
          default: 'table',
          usage: 'table, json or yaml',
        },
      ],
      run: list,
    },
    {
      name: 'remove',
      aliases: ['delete'],
      use: '<revision-tag> [flags]',
      short: 'Take a tag away',
      flags: [{ name: 'skip-confirmation', short: 'y', type: 'boolean', usage: 'Do not ask' }],
      run: remove,
    },
  ],
};

async function set(invocation: Invocation): Promise<number> {
  const { tag, revision } = asked(invocation);
  using api = await connect(invocation);
  const objects = await checkedObjects(api, invocation, { isGenerated: false });
  // Two configurations that answer for the label istio-injection would inject twice.
  if (tag === 'default') await deactivateDefault(api);
  for (const object of objects) await applyObject(api, object);
  invocation.context.terminal.stdout(
    `Revision tag "${tag}" created, referencing control plane revision "${revision}". To enable injection using this\nrevision tag, use 'kubectl label namespace <NAMESPACE> istio.io/rev=${tag}'\n`,
  );
  return EXIT.done;
}

async function generate(invocation: Invocation): Promise<number> {
  asked(invocation);
  using api = await connect(invocation);
  const objects = await checkedObjects(api, invocation, { isGenerated: true });
  const documents = await Promise.all(objects.map((object) => toYaml([object])));
  invocation.context.terminal.stdout(documents.join('\n---\n'));
  return EXIT.done;
}

function asked({ args, flags }: Invocation) {
  if (!flags.has('revision')) throw new CommandError('required flag(s) "revision" not set');
  if (flags.has('manifests')) {
    throw new CommandError('--manifests is not simulated: the charts of Istio are built in');
  }
  const [tag, ...more] = args;
  if (tag === undefined) throw new CommandError('must provide a tag for modification');
  if (more.length > 0) throw new CommandError('must provide a single tag for creation');
  return { tag, revision: flags.text('revision') };
}

async function checkedObjects(
  api: KubeApi,
  invocation: Invocation,
  { isGenerated }: { readonly isGenerated: boolean },
) {
  const { flags } = invocation;
  const { tag, revision } = asked(invocation);
  const istioNamespace = flags.text('istioNamespace');
  const isLoose = isGenerated || flags.isOn('overwrite') || tag === 'default';
  if (!isLoose && (await canonicalWebhook(api, tag))) {
    throw new CommandError(
      `cannot create revision tag "${tag}": found existing control plane revision with same name`,
    );
  }
  const webhook = await canonicalWebhook(api, revision);
  if (!webhook) {
    throw new CommandError(
      `cannot modify tag: cannot find MutatingWebhookConfiguration or Service with revision "${revision}"`,
    );
  }
  const existing = await taggedObjects(api, istioNamespace, tag);
  if (!flags.isOn('overwrite') && existing.some(({ kind }) => !kind.startsWith('Validating'))) {
    throw new CommandError(`revision tag "${tag}" already exists, and --overwrite is false`);
  }
  return tagObjects(api, webhook, {
    tag,
    revision,
    istioNamespace,
    webhookName: flags.text('webhook-name'),
    injectsByDefault: flags.isOn('auto-inject-namespaces'),
  });
}

async function list(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (args.length > 0) throw new CommandError('tag list command does not accept arguments');
  using api = await connect(invocation);
  const tags = await tagsInCluster(api, flags.text('istioNamespace'));
  const { terminal } = context;
  if (tags.length === 0) {
    terminal.stdout('No Istio revision tags found.\n');
    return EXIT.done;
  }
  const output = flags.text('output');
  switch (output) {
    case 'json':
      terminal.stdout(`${JSON.stringify(tags, undefined, '\t')}\n`);
      break;
    case 'yaml':
      terminal.stdout(`${await toYaml([tags])}\n`);
      break;
    case 'table': {
      const rows = tags.map((one) => [one.tag, one.revision, one.namespaces.join(',')]);
      terminal.stdout(table([['TAG', 'REVISION', 'NAMESPACES'], ...rows], 1));
      break;
    }
    default:
      throw new CommandError(`unknown format: ${output}`);
  }
  return EXIT.done;
}

async function remove(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const { terminal } = context;
  const [tag, ...more] = args;
  if (tag === undefined) throw new CommandError('must provide a tag for removal');
  if (more.length > 0) throw new CommandError('must provide a single tag for removal');
  using api = await connect(invocation);
  const found = await taggedObjects(api, flags.text('istioNamespace'), tag);
  if (found.every(({ kind }) => kind.startsWith('Validating'))) {
    throw new CommandError(
      `cannot remove tag "${tag}": cannot find MutatingWebhookConfiguration or Service for tag`,
    );
  }
  const users = await namespacesOf(api, tag);
  if (users.length > 0 && !flags.isOn('skip-confirmation')) {
    const caution = `Caution, found ${users.length} namespace(s) still injected by tag "${tag}": ${users.join(' ')}`;
    if (!(await isConfirmed(terminal, `${caution}\nProceed with operation? [y/N]`))) {
      terminal.stdout('Aborting operation.\n');
      return EXIT.done;
    }
  }
  await removeObjects(api, found, () => {});
  terminal.stdout(`Revision tag ${tag} removed\n`);
  return EXIT.done;
}
