import { at, isObject, isSame, listAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../../../kinds/object.ts';
import { NEVER_MATCHES } from '../../../install/index.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import {
  CommandError,
  EXIT,
  WrongArguments,
  type Command,
  type Invocation,
} from '../../cli/command.ts';
import { getObject, listObjects, type KubeApi } from '../../kube/api.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { podArgument } from '../../kube/pod-argument.ts';
import { table } from '../../terminal/table.ts';
import { coloured } from '../../terminal/terminal.ts';
import { isPickedBy } from '../analyze/selection.ts';
import { MUTATING_WEBHOOKS } from '../tag/tagged.ts';

const PADDING = 2;

export const checkInjectCommand: Command = {
  name: 'check-inject',
  use: '[<type>/]<name>[.<namespace>] [flags]',
  short: 'Whether a pod is or would be injected, by which webhook, and why',
  examples: `  istioctl x check-inject deployment/details-v1 -n test
  istioctl x check-inject -n test -l app=helloworld,version=v1`,
  flags: [
    {
      name: 'labels',
      short: 'l',
      type: 'text',
      usage: 'Labels of a pod that is not there yet, separated by commas',
    },
  ],
  run: checkInject,
};

async function checkInject(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const { terminal } = context;
  if ((args.length === 0 && flags.text('labels') === '') || args.length > 1) {
    throw new WrongArguments(
      'check-inject requires only [<resource-type>/]<resource-name>[.<namespace>], or specify labels flag',
    );
  }
  using api = await connect(invocation);
  const { pod, namespace } = await labelsOf(invocation, api);
  const results = (await listObjects(api, MUTATING_WEBHOOKS))
    .filter((one) =>
      listAt(one, 'webhooks').some((hook) => textAt(hook, 'name').endsWith('istio.io')),
    )
    .map((one) => ({
      name: textAt(one, 'metadata', 'name'),
      revision: textAt(one, 'metadata', 'labels', 'istio.io/rev'),
      ...verdictOf(listAt(one, 'webhooks').filter(isObject), pod, namespace),
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  if (results.length === 0) {
    terminal.stdout('ERROR: no Istio injection hooks present.\n');
    return EXIT.done;
  }
  const shown = table(
    [
      ['WEBHOOK', 'REVISION', 'INJECTED', 'REASON'],
      ...results.map(({ name, revision, isInjected, reason }) => [
        name,
        revision,
        isInjected ? '✔' : '✘',
        reason,
      ]),
    ],
    PADDING,
  );
  terminal.stdout(
    shown
      .replaceAll('✔', coloured(terminal, 'green', '✔'))
      .replaceAll('✘', coloured(terminal, 'red', '✘')),
  );
  if (results.filter(({ isInjected }) => isInjected).length > 1) {
    terminal.stdout('ERROR: multiple webhooks will inject, which can lead to errors');
  }
  return EXIT.done;
}

async function labelsOf(
  invocation: Invocation,
  api: KubeApi,
): Promise<{ readonly pod: Labels; readonly namespace: Labels }> {
  const { args, flags } = invocation;
  const own = namespaceOf(invocation, api);
  const [argument] = args;
  if (argument === undefined) {
    const pairs = flags
      .text('labels')
      .split(',')
      .map((pair) => pair.split('='));
    const pod = Object.fromEntries(
      pairs.map(([name = '', value = '']) => [name.trim(), value.trim()]),
    );
    return { pod, namespace: await namespaceLabels(api, own) };
  }
  const found = await podArgument(api, argument, own);
  const pod = await getObject(api, `/api/v1/namespaces/${found.namespace}/pods/${found.name}`);
  return {
    pod: textsAt(pod, 'metadata', 'labels'),
    namespace: await namespaceLabels(api, found.namespace),
  };
}

async function namespaceLabels(api: KubeApi, name: string): Promise<Labels> {
  const namespace = await getObject(api, `/api/v1/namespaces/${name}`);
  if (!namespace) throw new CommandError(`namespaces "${name}" not found`);
  return textsAt(namespace, 'metadata', 'labels');
}

interface Verdict {
  readonly isInjected: boolean;
  readonly reason: string;
}

/** The first webhook that says something decides. */
function verdictOf(webhooks: readonly JsonObject[], pod: Labels, namespace: Labels): Verdict {
  for (const webhook of webhooks) {
    const verdict = ofWebhook(webhook, pod, namespace);
    if (verdict) return verdict;
  }
  if (webhooks.some(isDeactivated)) {
    const reason = 'The injection webhook is deactivated, and will never match labels.';
    return { isInjected: false, reason };
  }
  const namespaces = webhooks.flatMap((one) => wantedLabels(at(one, 'namespaceSelector')));
  const pods = webhooks.flatMap((one) => wantedLabels(at(one, 'objectSelector')));
  const reason = `No matching namespace labels (${namespaces.join(', ')}) or pod labels (${pods.join(', ')})`;
  return { isInjected: false, reason };
}

function ofWebhook(webhook: JsonObject, pod: Labels, namespace: Labels): Verdict | undefined {
  const namespaceSelector = at(webhook, 'namespaceSelector');
  const objectSelector = at(webhook, 'objectSelector');
  const isNamespace = isPickedBy(namespaceSelector, namespace);
  const isPod = isPickedBy(objectSelector, pod);
  if (isNamespace && isPod) {
    const reason = matchReason(
      matchedLabel(namespaceSelector, namespace),
      matchedLabel(objectSelector, pod),
    );
    return reason === undefined ? undefined : { isInjected: true, reason };
  }
  if (isNamespace) {
    const label = preventingLabel(objectSelector, pod);
    if (label === undefined) return undefined;
    return { isInjected: false, reason: `Pod has ${label} label, preventing injection` };
  }
  const own = namespace['istio-injection'];
  if (!isPod || own === undefined || own === 'enabled') return undefined;
  const reason = `Namespace has istio-injection=${own} label, preventing injection`;
  return { isInjected: false, reason };
}

function matchReason(namespace: string, pod: string): string | undefined {
  if (namespace !== '' && pod !== '') {
    return `Namespace label ${namespace} matches, and pod label ${pod} matches`;
  }
  if (namespace !== '') {
    const isEverywhere = namespace.includes('kubernetes.io/metadata.name');
    const why = isEverywhere ? ' (Automatic injection is enabled in all namespaces).' : '';
    return `Namespace label ${namespace} matches${why}`;
  }
  return pod === '' ? undefined : `Pod label ${pod} matches`;
}

/** The first label that a selector's expression is about: `istio-injection=enabled`. */
function matchedLabel(selector: Json | undefined, labels: Labels): string {
  for (const one of listAt(selector, 'matchExpressions')) {
    const key = textAt(one, 'key');
    if (/^(Not)?In$/.test(textAt(one, 'operator')) && labels[key] !== undefined) {
      return `${key}=${labels[key]}`;
    }
  }
  return '';
}

function preventingLabel(selector: Json | undefined, labels: Labels): string | undefined {
  for (const one of listAt(selector, 'matchExpressions')) {
    const key = textAt(one, 'key');
    const value = labels[key];
    if (value === undefined) continue;
    const operator = textAt(one, 'operator');
    const isRefused = operator === 'NotIn' && listAt(one, 'values').includes(value);
    if (operator === 'DoesNotExist' || isRefused) return `${key}=${value}`;
  }
  return undefined;
}

function wantedLabels(selector: Json | undefined): readonly string[] {
  return listAt(selector, 'matchExpressions')
    .filter((one) => textAt(one, 'operator') === 'In')
    .flatMap((one) =>
      listAt(one, 'values').map((value) => `${textAt(one, 'key')}=${textAt(value)}`),
    );
}

function isDeactivated(webhook: JsonObject): boolean {
  return ['namespaceSelector', 'objectSelector'].every((selector) =>
    isSame(webhook[selector], NEVER_MATCHES),
  );
}
