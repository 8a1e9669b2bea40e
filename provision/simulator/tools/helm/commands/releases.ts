import { objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
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
import {
  appVersion,
  dayAndTime,
  headText,
  listRecord,
  manifestAndNotesText,
  OUTPUT_FLAG,
  statusText,
  table,
  write,
} from '../output.ts';
import { named, removeObjects } from '../releases/apply.ts';
import { inRemovalOrder } from '../releases/manifest.ts';
import { chartTitle, type Release } from '../releases/release.ts';
import { deployedOf, objectsIn } from '../releases/storage.ts';
import { layOver } from '../set-values.ts';
import { again, deploy, DEPLOY_FLAGS } from './deploy.ts';

const REVISION: Flag = {
  name: 'revision',
  type: 'number',
  default: '0',
  usage: 'the revision; 0 for the newest',
};

export const listCommand: HelmCommand = {
  name: 'list',
  aliases: ['ls'],
  short: 'list releases',
  flags: [
    OUTPUT_FLAG,
    {
      name: 'all-namespaces',
      short: 'A',
      type: 'boolean',
      usage: 'list releases of all namespaces',
    },
    { name: 'all', short: 'a', type: 'boolean', usage: 'show releases of every status' },
    { name: 'short', short: 'q', type: 'boolean', usage: 'only names' },
    { name: 'filter', short: 'f', type: 'text', usage: 'only names that hold this text' },
    { name: 'uninstalled', type: 'boolean', usage: 'show uninstalled releases' },
    { name: 'failed', type: 'boolean', usage: 'show failed releases' },
    { name: 'deployed', type: 'boolean', usage: 'show deployed releases' },
  ],
  run: list,
};

export const statusCommand: HelmCommand = {
  name: 'status',
  use: 'RELEASE_NAME [flags]',
  short: 'display the status of the named release',
  flags: [
    OUTPUT_FLAG,
    REVISION,
    { name: 'show-desc', type: 'boolean', usage: 'show the description' },
  ],
  async run(call) {
    const release = await releaseAsked(call, 'status');
    const hasDescription = call.flags.isOn('show-desc');
    await write(call, () => statusText(release, { hasDescription }), listRecord(release));
  },
};

export const historyCommand: HelmCommand = {
  name: 'history',
  aliases: ['hist'],
  use: 'RELEASE_NAME [flags]',
  short: 'fetch release history',
  flags: [OUTPUT_FLAG, { name: 'max', type: 'number', default: '256', usage: 'most revisions' }],
  async run(call) {
    const [name = ''] = exactArguments(call, 'history', [1, 1]);
    const history = (await historyOf(call, name)).slice(-Number(call.flags.text('max')));
    const rows = history.map((one) => [
      String(one.version),
      dayAndTime(one.lastDeployed),
      one.status,
      chartTitle(one),
      appVersion(one),
      one.description,
    ]);
    const heads = ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'];
    const records = history.map((one) => ({
      revision: one.version,
      updated: one.lastDeployed,
      status: one.status,
      chart: chartTitle(one),
      app_version: appVersion(one),
      description: one.description,
    }));
    await write(call, () => table([heads, ...rows]), records);
  },
};

export const getCommand: HelmCommand = {
  name: 'get',
  short: 'download extended information of a named release',
  commands: [
    {
      name: 'values',
      use: 'RELEASE_NAME [flags]',
      short: 'download the values file for a named release',
      flags: [
        OUTPUT_FLAG,
        REVISION,
        { name: 'all', short: 'a', type: 'boolean', usage: 'dump all values, defaults included' },
      ],
      async run(call) {
        const release = await releaseAsked(call, 'get values');
        const isAll = call.flags.isOn('all');
        const values = isAll ? computedValues(release) : release.config;
        const title = isAll ? 'COMPUTED VALUES' : 'USER-SUPPLIED VALUES';
        const text = await valuesText(values);
        const shown = Object.keys(values).length === 0 && !isAll ? null : values;
        await write(call, () => `${title}:\n${text}`, shown);
      },
    },
    {
      name: 'manifest',
      use: 'RELEASE_NAME [flags]',
      short: 'download the manifest for a named release',
      flags: [REVISION],
      async run(call) {
        call.context.terminal.stdout(`${(await releaseAsked(call, 'get manifest')).manifest}\n`);
      },
    },
    {
      name: 'notes',
      use: 'RELEASE_NAME [flags]',
      short: 'download the notes for a named release',
      flags: [REVISION],
      async run(call) {
        const { notes } = await releaseAsked(call, 'get notes');
        call.context.terminal.stdout(`NOTES:\n${notes}\n`);
      },
    },
    {
      name: 'all',
      use: 'RELEASE_NAME [flags]',
      short: 'download all information for a named release',
      flags: [REVISION],
      async run(call) {
        const release = await releaseAsked(call, 'get all');
        const own = await valuesText(release.config);
        const all = await valuesText(computedValues(release));
        call.context.terminal.stdout(
          `${headText(release)}CHART: ${chartTitle(release).replace(/-[^-]*$/, '')}
VERSION: ${appVersion(release)}
APP_VERSION: ${appVersion(release)}
TEST SUITE: None
USER-SUPPLIED VALUES:
${own}
COMPUTED VALUES:
${all}
${manifestAndNotesText(release)}`,
        );
      },
    },
  ],
};

export const rollbackCommand: HelmCommand = {
  name: 'rollback',
  use: '<RELEASE> [REVISION] [flags]',
  short: 'roll back a release to a previous revision',
  flags: DEPLOY_FLAGS,
  run: rollback,
};

export const uninstallCommand: HelmCommand = {
  name: 'uninstall',
  aliases: ['del', 'delete', 'un'],
  use: 'RELEASE_NAME [...] [flags]',
  short: 'uninstall a release',
  flags: [
    {
      name: 'keep-history',
      type: 'boolean',
      usage: 'mark the release as deleted, keep its history',
    },
    { name: 'ignore-not-found', type: 'boolean', usage: 'treat "release not found" as a success' },
    { name: 'dry-run', type: 'boolean', usage: 'simulate; change nothing' },
    { name: 'wait', type: 'boolean', usage: 'wait until all resources are gone' },
    { name: 'timeout', type: 'duration', default: '5m0s', usage: 'time to wait' },
  ],
  run: uninstall,
};

async function list(call: HelmCall): Promise<void> {
  using api = await connect(call);
  const namespace = call.flags.isOn('all-namespaces') ? undefined : namespaceOf(call, api);
  const newest = new Map<string, Release>();
  for (const release of await storageOf(call, api).list(namespace)) {
    newest.set(`${release.namespace}/${release.name}`, release);
  }
  const shown = [...newest.values()]
    .filter(
      ({ status, name }) => isListed(call, status) && name.includes(call.flags.text('filter')),
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  if (call.flags.isOn('short')) {
    const names = shown.map(({ name }) => `${name}\n`).join('');
    return write(
      call,
      () => names,
      shown.map(({ name }) => name),
    );
  }
  const records = shown.map(listRecord);
  const heads = ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'];
  return write(call, () => table([heads, ...records.map((one) => Object.values(one))]), records);
}

function isListed({ flags }: HelmCall, status: string): boolean {
  if (flags.isOn('all')) return true;
  const asked = ['uninstalled', 'failed', 'deployed'].filter((name) => flags.isOn(name));
  return (asked.length > 0 ? asked : ['deployed', 'failed']).includes(status);
}

async function historyOf(call: HelmCall, name: string): Promise<readonly Release[]> {
  using api = await connect(call);
  const history = await storageOf(call, api).history(name, namespaceOf(call, api));
  if (history.length === 0) throw new CommandError('release: not found');
  return history;
}

async function releaseAsked(call: HelmCall, command: string): Promise<Release> {
  const [name = ''] = exactArguments(call, command, [1, 1]);
  const history = await historyOf(call, name);
  const version = Number(call.flags.text('revision'));
  const found = version === 0 ? history.at(-1) : history.find((one) => one.version === version);
  if (!found) throw new CommandError('release: not found');
  return found;
}

function computedValues({ chart, config }: Release): JsonObject {
  return layOver(objectAt(chart, 'values'), config);
}

async function valuesText(values: JsonObject): Promise<string> {
  if (Object.keys(values).length === 0) return 'null\n';
  const { stringify } = await import('yaml');
  return stringify(values, { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 0 });
}

async function rollback(call: HelmCall): Promise<void> {
  const [name = '', asked = '0'] = exactArguments(call, 'rollback', [1, 2]);
  using api = await connect(call);
  const history = await storageOf(call, api).history(name, namespaceOf(call, api));
  const last = history.at(-1);
  if (!last) throw new CommandError('release: not found');
  const version = Number(asked) || last.version - 1;
  const target = history.find((one) => one.version === version);
  if (!target) throw new CommandError(`release has no ${version} version`);
  const next = again(call, target, last);
  await deploy(call, api, { next, current: deployedOf(history) ?? last });
  call.context.terminal.stdout('Rollback was a success! Happy Helming!\n');
}

async function uninstall(call: HelmCall): Promise<void> {
  const names = exactArguments(call, 'uninstall', [1, 100]);
  using api = await connect(call);
  for (const name of names) await uninstallOne(call, api, name);
}

async function uninstallOne(call: HelmCall, api: KubeApi, name: string): Promise<void> {
  const storage = storageOf(call, api);
  const { terminal } = call.context;
  const history = await storage.history(name, namespaceOf(call, api));
  const last = history.at(-1);
  if (!last) {
    if (call.flags.isOn('ignore-not-found')) return;
    throw new CommandError(`uninstall: Release not loaded: ${name}: release: not found`);
  }
  if (last.status === 'uninstalled') {
    throw new CommandError(`the release named "${name}" is already deleted`);
  }
  if (call.flags.isOn('dry-run')) {
    terminal.stdout(`release "${name}" uninstalled\n`);
    return;
  }
  const objects = inRemovalOrder((await objectsIn(last.manifest)).flatMap(named));
  const kept = await removeObjects(api, objects);
  if (call.flags.isOn('keep-history')) {
    await storage.update({
      ...last,
      status: 'uninstalled',
      description: 'Uninstallation complete',
    });
  } else for (const release of history) await storage.remove(release);
  if (kept.length > 0) {
    const lines = kept.map(({ kind, metadata }) => `[${kind}] ${metadata.name ?? ''}\n`).join('');
    terminal.stdout(`These resources were kept due to the resource policy:\n${lines}\n`);
  }
  terminal.stdout(`release "${name}" uninstalled\n`);
}
