import { manifestsFor } from '../../../install/index.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import type { KubeApi } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { installedObjects, removalName, removeObjects } from '../../kube/installed.ts';
import { proxiesOf } from '../../kube/proxies.ts';
import { objectPath, type Named } from '../../kube/resource-paths.ts';
import { progressOn } from '../../terminal/progress.ts';
import { isConfirmed } from '../../terminal/terminal.ts';
import { OPERATOR_FLAGS, operatorOf } from './operator-flags.ts';

export const uninstallCommand: Command = {
  name: 'uninstall',
  short: 'Remove Istio, or one revision of it, from the cluster; its namespace stays',
  examples: `  # One control plane
  istioctl uninstall --revision canary

  # What a file describes
  istioctl uninstall -f operator.yaml

  # Everything of Istio, definitions of its kinds included
  istioctl uninstall --purge`,
  flags: [
    ...OPERATOR_FLAGS,
    { name: 'dry-run', type: 'boolean', usage: 'Say what would be removed; change nothing' },
    { name: 'purge', type: 'boolean', usage: 'Remove everything of Istio' },
    { name: 'skip-confirmation', short: 'y', type: 'boolean', usage: 'Do not ask' },
  ],
  run: uninstall,
};

async function uninstall(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const { terminal } = context;
  const revision = revisionAsked(invocation);
  if (!flags.isOn('purge') && revision === undefined && flags.list('filename').length === 0) {
    throw new CommandError(
      'at least one of the --revision (or --set revision=<revision>), --filename or --purge flags must be set',
    );
  }
  using api = await connect(invocation);
  const objects = await objectsToRemove(api, invocation, revision);
  terminal.stderr(await warning(api, invocation, revision));
  if (!flags.isOn('skip-confirmation') && !flags.isOn('dry-run')) {
    if (!(await isConfirmed(terminal, 'Proceed?'))) return EXIT.failed;
  }
  const tell = (object: Named) => terminal.stderr(`  Removed ${removalName(object)}.\n`);
  if (flags.isOn('dry-run')) for (const object of objects) tell(object);
  else await removeObjects(api, objects, tell);
  progressOn(terminal).done('Uninstall complete');
  return EXIT.done;
}

function revisionAsked({ flags }: Invocation): string | undefined {
  if (flags.has('revision')) return flags.text('revision');
  const set = flags.list('set').findLast((text) => text.startsWith('revision='));
  return set?.slice('revision='.length);
}

async function objectsToRemove(
  api: KubeApi,
  invocation: Invocation,
  revision: string | undefined,
): Promise<readonly Named[]> {
  if (invocation.flags.isOn('purge')) {
    return installedObjects(api, 'operator.istio.io/component');
  }
  // CRDs and the validator are Base: other revisions need them, and user data goes with a CRD.
  const selector = 'operator.istio.io/component,operator.istio.io/component!=Base';
  if (revision !== undefined) {
    return installedObjects(api, `${selector},istio.io/rev=${revision || 'default'}`);
  }
  const operator = await operatorOf(invocation);
  const described = manifestsFor(operator, { crds: [] })
    .filter(({ component }) => component !== 'Base')
    .flatMap(({ objects }) => objects);
  const paths = new Set(described.map(objectPath));
  return (await installedObjects(api, selector)).filter((object) => paths.has(objectPath(object)));
}

async function warning(
  api: KubeApi,
  { flags }: Invocation,
  revision: string | undefined,
): Promise<string> {
  if (flags.isOn('purge')) return 'All Istio resources will be pruned from the cluster\n';
  const name = revision ?? 'default';
  const attached = (await proxiesOf(api)).filter(
    (proxy) => proxy.revision === name && !proxy.isGateway,
  );
  if (attached.length === 0) return '';
  const names = attached.map(({ id }) => `  ${id}\n`).join('');
  return `There are still ${attached.length} proxies pointing to the control plane revision ${name}\n${names}Without a control plane they keep the configuration they have and learn nothing new.\n`;
}
