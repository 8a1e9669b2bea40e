import { ISTIO_VERSION } from '../../../../versions.ts';
import { istioNamespace, manifestsFor, type Operator } from '../../../install/index.ts';
import { CommandError, EXIT, type Command, type Flag, type Invocation } from '../../cli/command.ts';
import type { KubeApi } from '../../kube/api.ts';
import { applyObject } from '../../kube/apply.ts';
import { connect } from '../../kube/connect.ts';
import {
  controlPlanes,
  installedObjects,
  removalName,
  removeObjects,
  type ControlPlane,
} from '../../kube/installed.ts';
import { objectPath } from '../../kube/resource-paths.ts';
import { progressOn } from '../../terminal/progress.ts';
import { SAIL } from '../../terminal/sail.ts';
import { coloured, isConfirmed } from '../../terminal/terminal.ts';
import { OPERATOR_FLAGS, operatorOf } from './operator-flags.ts';
import { rollOut } from './rollout.ts';

/** Flags of commands that install. */
export const INSTALL_FLAGS: readonly Flag[] = [
  ...OPERATOR_FLAGS,
  {
    name: 'dry-run',
    type: 'boolean',
    usage: 'Say what would be done; change nothing',
  },
  {
    name: 'readiness-timeout',
    type: 'duration',
    default: '5m0s',
    usage: 'How long to wait for each component to become ready',
  },
  { name: 'skip-confirmation', short: 'y', type: 'boolean', usage: 'Do not ask' },
  {
    name: 'verify',
    type: 'boolean',
    usage: 'Accepted: the installation always waits until it is ready',
  },
];

export const installCommand: Command = {
  name: 'install',
  aliases: ['apply'],
  short: 'Install Istio in the cluster, or change the installation that is there',
  examples: `  # The default profile
  istioctl install

  # The profile for trying things out, without being asked
  istioctl install --set profile=demo -y

  # A second control plane beside the first
  istioctl install --set profile=minimal --revision canary`,
  flags: INSTALL_FLAGS,
  run: (invocation) => {
    const { terminal } = invocation.context;
    terminal.stderr(`${coloured(terminal, 'blue', SAIL.trimEnd())}\n\n`);
    return install(invocation);
  },
};

/** Installs what the flags describe; also the work of `istioctl upgrade`. */
export async function install(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const { terminal } = context;
  if (args.length > 0) {
    throw new CommandError(`accepts 0 arg(s), received ${args.length}`);
  }
  const operator = await operatorOf(invocation, 'generate config: ');
  using api = await connect(invocation);
  const present = await controlPlanes(api, operator.namespace);
  warnOfUpgrade(invocation, operator, present);
  if (!flags.isOn('skip-confirmation') && !flags.isOn('dry-run')) {
    const question = `This will install the Istio ${ISTIO_VERSION} profile ${JSON.stringify(operator.profile)} into the cluster. Proceed? (y/N)`;
    if (!(await isConfirmed(terminal, question))) {
      terminal.stderr('Cancelled.\n');
      return EXIT.failed;
    }
  }
  await installInto(api, invocation, {
    operator,
    holdsDefaultTag: operator.revision === '' || present.length === 0,
  });
  return EXIT.done;
}

interface Plan {
  readonly operator: Operator;
  readonly holdsDefaultTag: boolean;
}

async function installInto(
  api: KubeApi,
  { context, flags }: Invocation,
  { operator, holdsDefaultTag }: Plan,
): Promise<void> {
  const progress = progressOn(context.terminal);
  const isDryRun = flags.isOn('dry-run');
  const components = manifestsFor(operator, { crds: await context.crds(), holdsDefaultTag });
  if (!isDryRun) await applyObject(api, istioNamespace(operator));
  await rollOut(api, components, {
    progress,
    isDryRun,
    timeoutMs: flags.durationMs('readiness-timeout'),
  });
  if (!isDryRun) {
    progress.working('Pruning removed resources');
    const wanted = components.flatMap(({ objects }) => objects.map(objectPath));
    await prune(api, operator, new Set(wanted), (line) => context.terminal.stdout(line));
  }
  progress.done('Installation complete');
}

/** Takes away what an earlier installation of the same revision had and this one has not. */
async function prune(
  api: KubeApi,
  { revision }: Operator,
  wanted: ReadonlySet<string>,
  tell: (line: string) => void,
): Promise<void> {
  // Base is shared by all revisions, and tags are the business of `istioctl tag`; pods go with what made them.
  const selector = `operator.istio.io/component,operator.istio.io/component!=Base,operator.istio.io/managed=Reconcile,istio.io/rev=${revision || 'default'},!istio.io/tag`;
  const stale = (await installedObjects(api, selector)).filter(
    (object) => !wanted.has(objectPath(object)),
  );
  await removeObjects(api, stale, (object) => tell(`  Removed ${removalName(object)}.\n`));
}

function warnOfUpgrade(
  { context: { terminal } }: Invocation,
  { revision }: Operator,
  present: readonly ControlPlane[],
): void {
  const same = present.find((plane) => plane.revision === (revision || 'default'));
  if (!same || same.version === ISTIO_VERSION) return;
  const direction = same.version < ISTIO_VERSION ? 'upgraded' : 'downgraded';
  const advice =
    revision === ''
      ? '         Running this command will overwrite it; use revisions to upgrade alongside the existing version.\n'
      : '';
  terminal.stderr(
    `${coloured(terminal, 'yellow', 'WARNING:')} Istio is being ${direction} from ${same.version} to ${ISTIO_VERSION}.\n${advice}` +
      "         Before upgrading, you may wish to use 'istioctl x precheck' to check for upgrade warnings.\n",
  );
}
