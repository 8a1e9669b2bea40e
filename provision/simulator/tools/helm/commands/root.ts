import { CommandError } from '../../istioctl/cli/command.ts';
import type { HelmCommand } from '../cli.ts';
import { repoCommand, searchCommand, showCommand, templateCommand } from './charts.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { installCommand, upgradeCommand } from './install.ts';
import {
  getCommand,
  historyCommand,
  listCommand,
  rollbackCommand,
  statusCommand,
  uninstallCommand,
} from './releases.ts';

/** The helm whose words and tables these are. */
const VERSION = 'v3.19.0';
const COMMIT = '3d8990f0836691f0229297773f3524598f46bda6';

const versionCommand: HelmCommand = {
  name: 'version',
  short: 'print the client version information',
  flags: [
    { name: 'short', type: 'boolean', usage: 'print the version number' },
    { name: 'template', type: 'text', usage: 'not simulated' },
  ],
  async run({ context, flags }) {
    context.terminal.stdout(
      flags.isOn('short')
        ? `${VERSION}+g${COMMIT.slice(0, 7)}\n`
        : `version.BuildInfo{Version:"${VERSION}", GitCommit:"${COMMIT}", GitTreeState:"clean", GoVersion:"go1.24.7"}\n(Regatta simulator)\n`,
    );
  },
};

const envCommand: HelmCommand = {
  name: 'env',
  short: 'helm client environment information',
  async run({ context, env, flags }) {
    const home = env['HOME'] ?? '';
    const config = env['HELM_CONFIG_HOME'] ?? `${home}/.config/helm`;
    const cache = env['HELM_CACHE_HOME'] ?? `${home}/.cache/helm`;
    const values = {
      HELM_BIN: 'helm',
      HELM_CACHE_HOME: cache,
      HELM_CONFIG_HOME: config,
      HELM_DATA_HOME: env['HELM_DATA_HOME'] ?? `${home}/.local/share/helm`,
      HELM_DEBUG: String(flags.isOn('debug')),
      HELM_DRIVER: 'secret',
      HELM_KUBECONTEXT: flags.text('kube-context'),
      HELM_MAX_HISTORY: '10',
      HELM_NAMESPACE: flags.text('namespace') || 'default',
      HELM_REPOSITORY_CACHE: `${cache}/repository`,
      HELM_REPOSITORY_CONFIG: env['HELM_REPOSITORY_CONFIG'] ?? `${config}/repositories.yaml`,
    };
    const lines = Object.entries(values).map(([name, value]) => `${name}="${value}"\n`);
    context.terminal.stdout(lines.join(''));
  },
};

/** Commands of helm that are for charts of one's own, or for other machines. */
const NOT_SIMULATED = [
  'create',
  'dependency',
  'lint',
  'package',
  'plugin',
  'pull',
  'push',
  'registry',
  'test',
  'verify',
];

/** All of helm, as far as Istio's charts need it. */
export const helmRoot: HelmCommand = {
  name: 'helm',
  short: 'The Kubernetes package manager',
  long: `The Kubernetes package manager

This is the helm of the Regatta simulator: it knows the charts of Istio, and refuses in words where it does not go on.`,
  commands: [
    completeCommand(() => helmRoot),
    completionCommand,
    envCommand,
    getCommand,
    historyCommand,
    installCommand,
    listCommand,
    repoCommand,
    rollbackCommand,
    searchCommand,
    showCommand,
    statusCommand,
    templateCommand,
    uninstallCommand,
    upgradeCommand,
    versionCommand,
    ...NOT_SIMULATED.map((name): HelmCommand => ({
      name,
      short: 'not simulated',
      isHidden: true,
      run: async () => {
        throw new CommandError(`helm ${name} is not simulated: nothing was done`);
      },
    })),
  ],
};
