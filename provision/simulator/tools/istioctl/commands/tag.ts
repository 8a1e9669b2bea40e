import type { JsonObject } from '../../../kinds/object.ts';
import { injectionWebhooks, resolveOperator } from '../../install/index.ts';
import { textAt, textsAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { listObjects, type KubeApi } from '../kube/api.ts';
import { applyObject } from '../kube/apply.ts';
import { connect } from '../kube/connect.ts';
import { removeObjects } from '../kube/installed.ts';
import { proxiesOf } from '../kube/proxies.ts';
import { toYaml } from '../kube/yaml.ts';
import { table } from '../terminal/table.ts';
import { isConfirmed } from '../terminal/terminal.ts';

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

export const tagCommand: Command = {
  name: 'tag',
  short: 'Names that stand for revisions of the control plane',
  commands: [
    {
      name: 'list',
      aliases: ['show'],
      short: 'Tags, their revisions and who uses them',
      run: list,
    },
    {
      name: 'set',
      use: '<revision-tag> [flags]',
      short: 'Make a tag, or point it to another revision',
      flags: [
        { name: 'revision', short: 'r', type: 'text', usage: 'Revision the tag shall stand for' },
        { name: 'overwrite', type: 'boolean', usage: 'Change a tag that exists' },
        { name: 'skip-confirmation', short: 'y', type: 'boolean', usage: 'Do not ask' },
      ],
      run: set,
    },
    {
      name: 'generate',
      use: '<revision-tag> [flags]',
      short: 'Print what tag set would create',
      flags: [
        { name: 'revision', short: 'r', type: 'text', usage: 'Revision the tag shall stand for' },
        { name: 'overwrite', type: 'boolean', usage: 'Change a tag that exists' },
      ],
      run: generate,
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

async function list(invocation: Invocation): Promise<number> {
  using api = await connect(invocation);
  const tags = await tagWebhooks(api);
  if (tags.length === 0) {
    invocation.context.terminal.stdout('No Istio revision tags found.\n');
    return EXIT.done;
  }
  const namespaces = await listObjects(api, '/api/v1/namespaces');
  const rows = tags.map((webhook) => {
    const tag = label(webhook, 'istio.io/tag');
    const users = namespaces.filter((namespace) => isInjectedBy(namespace, tag)).map(nameOf);
    return [tag, label(webhook, 'istio.io/rev'), users.join(',')];
  });
  invocation.context.terminal.stdout(table([['TAG', 'REVISION', 'NAMESPACES'], ...rows], 1));
  return EXIT.done;
}

async function set(invocation: Invocation): Promise<number> {
  using api = await connect(invocation);
  const tag = tagArgument(invocation);
  const { object, revision } = await webhookFor(api, invocation, tag);
  await applyObject(api, object);
  invocation.context.terminal.stdout(
    `Revision tag "${tag}" created, referencing control plane revision "${revision}". To enable injection using this\nrevision tag, use 'kubectl label namespace <NAMESPACE> istio.io/rev=${tag}'\n`,
  );
  return EXIT.done;
}

async function generate(invocation: Invocation): Promise<number> {
  using api = await connect(invocation);
  const { object } = await webhookFor(api, invocation, tagArgument(invocation));
  invocation.context.terminal.stdout(await toYaml([object]));
  return EXIT.done;
}

async function remove(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  using api = await connect(invocation);
  const tag = tagArgument(invocation);
  const found = (await tagWebhooks(api)).filter(
    (webhook) => label(webhook, 'istio.io/tag') === tag,
  );
  if (found.length === 0) throw new CommandError(`revision tag "${tag}" does not exist`);
  const users = (await proxiesOf(api)).filter(({ revision }) => revision === tag);
  if (users.length > 0 && !flags.isOn('skip-confirmation')) {
    const question = `${users.length} proxies were injected by revision tag "${tag}". Proceed with removal?`;
    if (!(await isConfirmed(context.terminal, question))) return EXIT.failed;
  }
  await removeObjects(
    api,
    found.map((webhook) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: nameOf(webhook) },
    })),
    () => {},
  );
  context.terminal.stdout(`Revision tag ${tag} removed\n`);
  return EXIT.done;
}

function tagArgument({ args }: Invocation): string {
  const [tag, ...more] = args;
  if (tag === undefined || more.length > 0) {
    throw new CommandError('must provide a single revision tag to work on', EXIT.usage);
  }
  return tag;
}

async function webhookFor(api: KubeApi, { flags }: Invocation, tag: string) {
  const revision = flags.text('revision') || 'default';
  const existing = await tagWebhooks(api);
  if (!flags.isOn('overwrite') && existing.some((one) => label(one, 'istio.io/tag') === tag)) {
    throw new CommandError(`revision tag "${tag}" already exists, and --overwrite is false`);
  }
  const webhooks = await listObjects(api, WEBHOOKS);
  const source = webhooks.find(
    (one) =>
      label(one, 'istio.io/rev') === revision &&
      label(one, 'app') === 'sidecar-injector' &&
      label(one, 'istio.io/tag') === '',
  );
  if (!source) {
    throw new CommandError(
      `cannot modify tag: cannot find MutatingWebhookConfiguration with revision "${revision}"`,
    );
  }
  const operator = resolveOperator({
    sets: [`revision=${revision}`, `values.global.istioNamespace=${flags.text('istioNamespace')}`],
  });
  const object = injectionWebhooks(operator, {
    name: `istio-revision-tag-${tag}`,
    tag,
    isDefault: tag === 'default',
    labels: { ...textsAt(source, 'metadata', 'labels'), 'istio.io/tag': tag },
  });
  return { object, revision };
}

function tagWebhooks(api: KubeApi): Promise<readonly JsonObject[]> {
  return listObjects(api, WEBHOOKS, 'istio.io/tag');
}

function isInjectedBy(namespace: JsonObject, tag: string): boolean {
  const injection = label(namespace, 'istio-injection');
  if (injection !== '') return tag === 'default' && injection === 'enabled';
  return label(namespace, 'istio.io/rev') === tag;
}

function label(object: JsonObject, name: string): string {
  return textAt(object, 'metadata', 'labels', name);
}

function nameOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'name');
}
