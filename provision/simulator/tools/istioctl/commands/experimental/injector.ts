import { at, listAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { EXEMPT_NAMESPACES } from '../../../../mesh/injection/index.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { listObjects } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { injectorValues, proxyImageBy } from '../../kube/injector-values.ts';
import { injectedRevision } from '../../kube/proxies.ts';
import { table } from '../../terminal/table.ts';
import { isPickedBy } from '../analyze/selection.ts';
import { MUTATING_WEBHOOKS } from '../tag/tagged.ts';

export const injectorCommand: Command = {
  name: 'injector',
  short: 'Injectors, and the namespaces that they serve',
  commands: [
    {
      name: 'list',
      short: 'List sidecar injector and sidecar versions',
      examples: '  istioctl experimental injector list',
      run: list,
    },
  ],
  unknownArgument: (word) => new CommandError(`unknown subcommand ${JSON.stringify(word)}`),
};

const OF_NAMESPACES = [
  'rev.namespace.sidecar-injector.istio.io',
  'namespace.sidecar-injector.istio.io',
];
const PADDING = 1;

interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

async function list(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  using api = await connect(invocation);
  const asked = flags.text('namespace');
  const all = (await listObjects(api, '/api/v1/namespaces'))
    .map((one) => ({
      name: textAt(one, 'metadata', 'name'),
      labels: textsAt(one, 'metadata', 'labels'),
    }))
    .filter(({ name }) => !EXEMPT_NAMESPACES.has(name) && name !== flags.text('istioNamespace'))
    .filter(({ labels }) => labels['istio.io/dataplane-mode'] !== 'ambient')
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const named = all.filter(({ name }) => name === asked);
  const namespaces = named.length > 0 ? named : all;
  const hooks = (await listObjects(api, MUTATING_WEBHOOKS, 'app=sidecar-injector')).toSorted(
    (one, other) => (textAt(one, 'metadata', 'name') < textAt(other, 'metadata', 'name') ? -1 : 1),
  );
  const pods = await listObjects(api, '/api/v1/pods');
  const images = imagesOf(await listObjects(api, '/api/v1/configmaps', 'istio.io/rev'));
  context.terminal.stdout(
    `${namespaceTable(namespaces, hooks, pods)}\n${hookTable(namespaces, hooks, images)}`,
  );
  return EXIT.done;
}

function namespaceTable(
  namespaces: readonly Namespace[],
  hooks: readonly JsonObject[],
  pods: readonly JsonObject[],
): string {
  const rows = namespaces.flatMap((namespace) => {
    const revision = revisionFor(namespace, hooks);
    const own = pods.filter((pod) => textAt(pod, 'metadata', 'namespace') === namespace.name);
    const groups = Map.groupBy(own, (pod) => injectedRevision(pod) || '<non-Istio>');
    if (groups.size === 0 && revision !== '') groups.set(revision, []);
    return [...groups].map(([injected, group]) => [
      namespace.name,
      revision,
      countText(injected, group, revision),
    ]);
  });
  if (rows.length === 0) return 'No Istio injected namespaces present.\n';
  return table([['NAMESPACE', 'ISTIO-REVISION', 'POD-REVISIONS'], ...rows], PADDING);
}

function countText(injected: string, pods: readonly JsonObject[], expected: string): string {
  if (pods.length === 0) return '<no pods>';
  const disabled = pods.filter(isDisabled).length;
  const outdated = pods.filter(
    (pod) => !isDisabled(pod) && injectedRevision(pod) !== expected,
  ).length;
  const needs = outdated > 0 ? ` NEEDS RESTART: ${outdated}` : '';
  const injection = disabled > 0 ? ` (injection disabled: ${disabled})` : '';
  return `${injected}: ${pods.length}${injection}${needs}`;
}

function isDisabled(pod: JsonObject): boolean {
  const inject = 'sidecar.istio.io/inject';
  const labels = textsAt(pod, 'metadata', 'labels');
  const annotations = textsAt(pod, 'metadata', 'annotations');
  return (labels[inject] ?? annotations[inject]) === 'false';
}

/** The revision that injects a namespace; `MISSING/…` when nobody answers for what it asks for. */
function revisionFor({ labels }: Namespace, hooks: readonly JsonObject[]): string {
  const hook = hooks.find((one) =>
    listAt(one, 'webhooks').some((webhook) => isPickedBy(at(webhook, 'namespaceSelector'), labels)),
  );
  if (hook) return textAt(hook, 'metadata', 'labels', 'istio.io/rev');
  const revision = labels['istio.io/rev'] ?? '';
  if (revision !== '') return `MISSING/${revision}`;
  const asked = labels['istio-injection'];
  return asked === undefined || asked === 'disabled' ? '' : 'MISSING/istio-injection';
}

function hookTable(
  namespaces: readonly Namespace[],
  hooks: readonly JsonObject[],
  images: ReadonlyMap<string, string>,
): string {
  if (hooks.length === 0) return 'No Istio injection hooks present.\n';
  const rows = hooks.flatMap((hook) => {
    const revision = textAt(hook, 'metadata', 'labels', 'istio.io/rev');
    const webhooks = listAt(hook, 'webhooks').filter((one) =>
      OF_NAMESPACES.includes(textAt(one, 'name')),
    );
    const served = namespaces.filter(({ labels }) =>
      webhooks.some((webhook) => isPickedBy(at(webhook, 'namespaceSelector'), labels)),
    );
    const names = served.length > 0 ? served.map(({ name }) => name) : ['DOES NOT AUTOINJECT'];
    const end = [textAt(hook, 'metadata', 'name'), revision, images.get(revision) ?? ''];
    return names.map((name) => [name, ...end]);
  });
  return table(
    [['NAMESPACES', 'INJECTOR-HOOK', 'ISTIO-REVISION', 'SIDECAR-IMAGE'], ...rows],
    PADDING,
  );
}

/** The proxy's image by revision. */
function imagesOf(configMaps: readonly JsonObject[]): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  for (const configMap of configMaps) {
    const image = proxyImageBy(injectorValues(configMap));
    if (image === undefined) continue;
    images.set(textAt(configMap, 'metadata', 'labels', 'istio.io/rev'), image);
  }
  return images;
}
