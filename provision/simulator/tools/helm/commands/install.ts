import { subdomainProblems } from '../../../kinds/validation/fields/names.ts';
import { CommandError, type Flag } from '../../istioctl/cli/command.ts';
import type { KubeApi } from '../../istioctl/kube/api.ts';
import {
  connect,
  exactArguments,
  type HelmCall,
  type HelmCommand,
  namespaceOf,
  storageOf,
} from '../cli.ts';
import { headText, manifestAndNotesText, OUTPUT_FLAG, statusText, write } from '../output.ts';
import type { Release } from '../releases/release.ts';
import { deployedOf } from '../releases/storage.ts';
import { layOver } from '../set-values.ts';
import { CHART_FLAGS, chartAsked, VALUE_FLAGS, valuesAsked } from './chart-flags.ts';
import { deploy, DEPLOY_FLAGS, ensureNamespace, planned } from './deploy.ts';

const FLAGS: readonly Flag[] = [
  ...CHART_FLAGS,
  ...VALUE_FLAGS,
  ...DEPLOY_FLAGS,
  OUTPUT_FLAG,
  { name: 'dry-run', type: 'boolean', usage: 'simulate; change nothing' },
];

export const installCommand: HelmCommand = {
  name: 'install',
  use: '[NAME] [CHART] [flags]',
  short: 'install a chart',
  failure: 'INSTALLATION FAILED: ',
  flags: [
    ...FLAGS,
    { name: 'generate-name', short: 'g', type: 'boolean', usage: 'generate the name' },
    { name: 'replace', type: 'boolean', usage: 're-use the given name of a deleted release' },
  ],
  run: install,
};

export const upgradeCommand: HelmCommand = {
  name: 'upgrade',
  use: '[RELEASE] [CHART] [flags]',
  short: 'upgrade a release',
  failure: 'UPGRADE FAILED: ',
  flags: [
    ...FLAGS,
    { name: 'install', short: 'i', type: 'boolean', usage: 'install the release if there is none' },
    { name: 'reuse-values', type: 'boolean', usage: "reuse the last release's values" },
    { name: 'reset-values', type: 'boolean', usage: 'reset the values to those of the chart' },
    {
      name: 'reset-then-reuse-values',
      type: 'boolean',
      usage: "the chart's values, then the last release's",
    },
    { name: 'force', type: 'boolean', usage: 'accepted: nothing here needs replacing' },
    { name: 'history-max', type: 'number', default: '10', usage: 'revisions kept at most' },
  ],
  run: upgrade,
};

async function install(call: HelmCall): Promise<void> {
  const [first = '', second] = exactArguments(call, 'install', [1, 2]);
  const isNamed = !call.flags.isOn('generate-name');
  if (second === undefined && isNamed) {
    throw new CommandError('must either provide a name or specify --generate-name');
  }
  if (second !== undefined && !isNamed) {
    throw new CommandError('cannot set --generate-name and also specify a name');
  }
  const reference = second ?? first;
  const name = isNamed ? first : generatedName(call, reference);
  await installAs(call, name, reference);
}

async function installAs(call: HelmCall, name: string, reference: string): Promise<void> {
  refuseBadName(name);
  using api = await connect(call);
  const namespace = namespaceOf(call, api);
  const chart = await chartAsked(call, reference);
  const config = await valuesAsked(call);
  const history = await storageOf(call, api).history(name, namespace);
  const last = history.at(-1);
  if (last && !(call.flags.isOn('replace') && last.status === 'uninstalled')) {
    throw new CommandError('cannot reuse a name that is still in use');
  }
  const next = await planned(call, chart, {
    name,
    namespace,
    config,
    previous: last,
    description: 'Install complete',
  });
  if (call.flags.isOn('dry-run')) return tellDry(call, next);
  await ensureNamespace(call, api, namespace);
  const release = await deploy(call, api, { next, current: undefined });
  await write(call, () => statusText(release), recordOf(release));
}

async function upgrade(call: HelmCall): Promise<void> {
  const [name = '', reference = ''] = exactArguments(call, 'upgrade', [2, 2]);
  const { terminal } = call.context;
  using api = await connect(call);
  const namespace = namespaceOf(call, api);
  const history = await storageOf(call, api).history(name, namespace);
  if (history.length === 0 && call.flags.isOn('install')) {
    if (call.flags.text('output') === 'table') {
      terminal.stdout(`Release "${name}" does not exist. Installing it now.\n`);
    }
    return installAs(call, name, reference);
  }
  const current = deployedOf(history);
  if (!current) throw new CommandError(`"${name}" has no deployed releases`);
  const chart = await chartAsked(call, reference);
  const asked = await valuesAsked(call);
  // Without any values given, helm goes on with those of the release.
  const keeps =
    !call.flags.isOn('reset-values') &&
    (call.flags.isOn('reuse-values') ||
      call.flags.isOn('reset-then-reuse-values') ||
      Object.keys(asked).length === 0);
  const next = await planned(call, chart, {
    name,
    namespace,
    config: keeps ? layOver(current.config, asked) : asked,
    previous: history.at(-1),
    description: 'Upgrade complete',
  });
  if (call.flags.isOn('dry-run')) return tellDry(call, next);
  const release = await deploy(call, api, { next, current });
  await forget(call, api, [...history, release]);
  const happy = `Release "${name}" has been upgraded. Happy Helming!\n`;
  return write(call, () => happy + statusText(release), recordOf(release));
}

/** Keeps a release's revisions below `--history-max`. */
async function forget(call: HelmCall, api: KubeApi, history: readonly Release[]): Promise<void> {
  const most = Number(call.flags.text('history-max'));
  if (most <= 0) return;
  const storage = storageOf(call, api);
  for (const old of history.slice(0, Math.max(0, history.length - most))) await storage.remove(old);
}

async function tellDry(call: HelmCall, next: Release): Promise<void> {
  const shown = { ...next, description: 'Dry run complete' };
  const text = `${headText(shown)}TEST SUITE: None\n${manifestAndNotesText(shown)}`;
  await write(call, () => text, recordOf(shown));
}

function recordOf({ name, namespace, version, status, description, manifest, config }: Release) {
  return { name, info: { status, description }, config, manifest, version, namespace };
}

function generatedName({ context }: HelmCall, reference: string): string {
  const base = reference.split('/').at(-1) ?? reference;
  return `${base}-${Math.floor(context.now() / 1000)}`;
}

function refuseBadName(name: string): void {
  if (subdomainProblems(name).length === 0 && name.length <= 53) return;
  throw new CommandError(
    `release name ${JSON.stringify(name)}: invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53`,
  );
}
