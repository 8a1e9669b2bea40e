import { ISTIO_VERSION } from '../../../versions.ts';
import { CommandError } from '../../istioctl/cli/command.ts';
import { CHARTS, ISTIO_REPOSITORY } from '../charts/index.ts';
import { crdsFor, exactArguments, type HelmCall, type HelmCommand, namespaceOf } from '../cli.ts';
import { OUTPUT_FLAG, table, write } from '../output.ts';
import { manifestText, renderChart } from '../releases/manifest.ts';
import { chartMetadata } from '../releases/release.ts';
import { readRepositories, writeRepositories } from '../repositories.ts';
import { CHART_FLAGS, chartAsked, VALUE_FLAGS, valuesAsked } from './chart-flags.ts';
import { DEPLOY_FLAGS } from './deploy.ts';

export const repoCommand: HelmCommand = {
  name: 'repo',
  short: 'add, list, remove, update, and index chart repositories',
  commands: [
    {
      name: 'add',
      use: '[NAME] [URL] [flags]',
      short: 'add a chart repository',
      flags: [{ name: 'force-update', type: 'boolean', usage: 'replace the repo if it exists' }],
      run: addRepository,
    },
    {
      name: 'list',
      aliases: ['ls'],
      short: 'list chart repositories',
      flags: [OUTPUT_FLAG],
      async run(call) {
        const known = await readRepositories(call.repositories);
        if (known.length === 0) throw new CommandError('no repositories to show');
        const rows = known.map(({ name, url }) => [name, url]);
        await write(call, () => table([['NAME', 'URL'], ...rows]), known);
      },
    },
    {
      name: 'update',
      aliases: ['up'],
      short: 'update information of available charts locally',
      run: updateRepositories,
    },
    {
      name: 'remove',
      aliases: ['rm'],
      use: '[REPO1 [REPO2 ...]] [flags]',
      short: 'remove one or more chart repositories',
      run: removeRepositories,
    },
  ],
};

export const searchCommand: HelmCommand = {
  name: 'search',
  short: 'search for a keyword in charts',
  commands: [
    {
      name: 'repo',
      use: '[keyword] [flags]',
      short: 'search repositories for a keyword in charts',
      flags: [
        OUTPUT_FLAG,
        ...CHART_FLAGS,
        { name: 'versions', short: 'l', type: 'boolean', usage: 'show every version' },
      ],
      run: search,
    },
  ],
};

export const showCommand: HelmCommand = {
  name: 'show',
  aliases: ['inspect'],
  short: 'show information of a chart',
  commands: (['chart', 'values', 'all'] as const).map((part): HelmCommand => ({
    name: part,
    use: '[CHART] [flags]',
    short:
      part === 'all'
        ? 'show all information of the chart'
        : `show the chart's ${part === 'chart' ? 'definition' : 'values'}`,
    flags: CHART_FLAGS,
    async run(call) {
      const [reference = ''] = exactArguments(call, `show ${part}`, [1, 1]);
      const chart = await chartAsked(call, reference);
      const { stringify } = await import('yaml');
      const options = { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 0 } as const;
      const texts = [
        ...(part === 'values' ? [] : [stringify(chartMetadata(chart), options)]),
        ...(part === 'chart' ? [] : [stringify(chart.values, options)]),
      ];
      call.context.terminal.stdout(texts.map((text) => `${text}\n`).join('---\n'));
    },
  })),
};

export const templateCommand: HelmCommand = {
  name: 'template',
  use: '[NAME] [CHART] [flags]',
  short: 'locally render templates',
  flags: [
    ...CHART_FLAGS,
    ...VALUE_FLAGS,
    ...DEPLOY_FLAGS,
    {
      name: 'show-only',
      short: 's',
      type: 'list',
      usage: 'only show manifests of these templates',
    },
    { name: 'include-crds', type: 'boolean', usage: 'include CRDs (Istio keeps none there)' },
    {
      name: 'kube-version',
      type: 'text',
      usage: 'Kubernetes version; accepted and without effect',
    },
  ],
  async run(call) {
    const args = exactArguments(call, 'template', [1, 2]);
    const [name = '', reference = ''] = args.length === 1 ? ['release-name', ...args] : args;
    const chart = await chartAsked(call, reference);
    // Without a cluster there is no context to ask.
    const namespace = namespaceOf(call, { namespace: 'default' });
    const rendered = renderChart(chart, await valuesAsked(call), {
      release: { name, namespace },
      crds: await crdsFor(call, chart.name),
    });
    const only = call.flags.list('show-only');
    const missing = only.find((file) => !rendered.some(({ source }) => source === file));
    if (missing !== undefined) {
      throw new CommandError(`could not find template ${missing} in chart`);
    }
    const shown = rendered.filter(({ source }) => only.length === 0 || only.includes(source));
    call.context.terminal.stdout(manifestText(chart, shown));
  },
};

async function addRepository(call: HelmCall): Promise<void> {
  const [name = '', typed = ''] = exactArguments(call, 'repo add', [2, 2]);
  const url = typed.replace(/\/$/, '');
  if (url.startsWith('oci://')) {
    throw new CommandError(
      'registries of type OCI are not simulated, and helm keeps none as a repo',
    );
  }
  if (url !== ISTIO_REPOSITORY) {
    throw new CommandError(
      `looks like "${typed}" is not a valid chart repository or cannot be reached: this helm knows ${ISTIO_REPOSITORY} only`,
    );
  }
  const known = await readRepositories(call.repositories);
  const { terminal } = call.context;
  if (known.some((one) => one.name === name) && !call.flags.isOn('force-update')) {
    terminal.stdout(`"${name}" already exists with the same configuration, skipping\n`);
    return;
  }
  const others = known.filter((one) => one.name !== name);
  await writeRepositories(call.repositories, [...others, { name, url }]);
  terminal.stdout(`"${name}" has been added to your repositories\n`);
}

async function updateRepositories(call: HelmCall): Promise<void> {
  const known = await readRepositories(call.repositories);
  const asked = call.args.length > 0 ? call.args : known.map(({ name }) => name);
  if (known.length === 0) {
    throw new CommandError('no repositories found. You must add one before updating');
  }
  const missing = asked.filter((name) => !known.some((one) => one.name === name));
  if (missing.length > 0) {
    throw new CommandError(
      `no repositories found matching '${missing.join(', ')}'.  Nothing will be updated`,
    );
  }
  const lines = asked.map(
    (name) => `...Successfully got an update from the "${name}" chart repository\n`,
  );
  call.context.terminal.stdout(
    `Hang tight while we grab the latest from your chart repositories...\n${lines.join('')}Update Complete. ⎈Happy Helming!⎈\n`,
  );
}

async function removeRepositories(call: HelmCall): Promise<void> {
  const names = exactArguments(call, 'repo remove', [1, 100]);
  for (const name of names) {
    const known = await readRepositories(call.repositories);
    if (known.length === 0) throw new CommandError('no repositories configured');
    if (!known.some((one) => one.name === name)) {
      throw new CommandError(`no repo named "${name}" found`);
    }
    const left = known.filter((one) => one.name !== name);
    await writeRepositories(call.repositories, left);
    call.context.terminal.stdout(`"${name}" has been removed from your repositories\n`);
  }
}

async function search(call: HelmCall): Promise<void> {
  const known = await readRepositories(call.repositories);
  if (known.length === 0) throw new CommandError('no repositories configured');
  const [word = ''] = call.args;
  const found = known.flatMap((repository) =>
    CHARTS.map(({ name, description }) => ({
      name: `${repository.name}/${name}`,
      version: ISTIO_VERSION,
      app_version: ISTIO_VERSION,
      description,
    })).filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(word)),
  );
  const heads = ['NAME', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION'];
  await write(
    call,
    () =>
      found.length === 0
        ? 'No results found\n'
        : table([heads, ...found.map((one) => Object.values(one))]),
    found,
  );
}
