import type { JsonObject } from '../../../../kinds/object.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { listObjects, type KubeApi } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import {
  controlPlanes,
  installedObjects,
  removalName,
  removeObjects,
} from '../../kube/installed.ts';
import { proxiesOf } from '../../kube/proxies.ts';
import type { Named } from '../../kube/resource-paths.ts';
import { progressOn } from '../../terminal/progress.ts';
import { isConfirmed } from '../../terminal/terminal.ts';
import { MUTATING_WEBHOOKS } from '../tag/tagged.ts';
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
    { name: 'verbose', short: 'v', type: 'boolean', usage: 'List what will be removed' },
  ],
  run: uninstall,
};

type Installed = Named & JsonObject;

async function uninstall(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const { terminal } = context;
  const isPurge = flags.isOn('purge');
  const named = flags.text('revision') || setRevision(invocation);
  if (!isPurge && named === '' && flags.list('filename').length === 0) {
    throw new CommandError(
      'at least one of the --revision (or --set revision=<revision>), --filename or --purge flags must be set',
    );
  }
  if (invocation.args.length > 0) {
    throw new CommandError('istioctl uninstall does not take arguments');
  }
  using api = await connect(invocation);
  await refuseUnknownRevision(api, invocation);
  if (isPurge && (flags.has('revision') || flags.has('filename'))) {
    terminal.stdout(
      'Purge uninstall will remove all Istio resources, ignoring the specified revision or operator file\n',
    );
  }
  const objects = await objectsToRemove(api, invocation);
  if (!(await isWanted(api, invocation, objects))) {
    terminal.stderr('Cancelled.\n');
    return EXIT.failed;
  }
  if (flags.isOn('dry-run')) {
    for (const object of objects) {
      terminal.stdout(`Not pruning object ${removalName(object)} because of dry run.\n`);
    }
  } else {
    await removeObjects(api, objects, (object) =>
      terminal.stdout(`  Removed ${removalName(object)}.\n`),
    );
  }
  progressOn(terminal).done('Uninstall complete');
  return EXIT.done;
}

function setRevision({ flags }: Invocation): string {
  const set = flags.list('set').findLast((text) => text.startsWith('revision='));
  return set?.slice('revision='.length) ?? '';
}

async function refuseUnknownRevision(api: KubeApi, { flags }: Invocation): Promise<void> {
  const revision = flags.text('revision');
  if (revision === '') return;
  const planes = await controlPlanes(api, flags.text('istioNamespace'));
  const webhooks = await listObjects(api, MUTATING_WEBHOOKS, `istio.io/rev=${revision}`);
  if (webhooks.length > 0 || planes.some((plane) => plane.revision === revision)) return;
  throw new CommandError('could not find target revision');
}

async function objectsToRemove(
  api: KubeApi,
  invocation: Invocation,
): Promise<readonly Installed[]> {
  if (invocation.flags.isOn('purge')) {
    return installedObjects(api, 'operator.istio.io/component');
  }
  const operator = await operatorOf(invocation);
  // CRDs and the validator are Base: other revisions need them, and user data goes with a CRD.
  return installedObjects(
    api,
    `operator.istio.io/component,operator.istio.io/component!=Base,istio.io/rev=${operator.revision || 'default'}`,
  );
}

/** Tells of what will be missed, and asks where something will. */
async function isWanted(
  api: KubeApi,
  invocation: Invocation,
  objects: readonly Installed[],
): Promise<boolean> {
  const { context, flags } = invocation;
  const { terminal } = context;
  if (objects.length === 0 && !flags.isOn('purge')) {
    terminal.stdout(
      'No resources will be pruned from the cluster. Please double check the input configs\n\n',
    );
    return true;
  }
  const warning = flags.isOn('purge')
    ? 'All Istio resources will be pruned from the cluster\n'
    : `${await proxyWarning(api, flags.text('revision'))}${gatewayWarning(objects)}`;
  const message = `${flags.isOn('verbose') && !flags.isOn('purge') ? inventory(objects) : ''}${warning}`;
  if (flags.isOn('dry-run') || flags.isOn('skip-confirmation')) {
    terminal.stdout(`${message}\n`);
    return true;
  }
  return warning === '' || isConfirmed(terminal, `${message}Proceed? (y/N)`);
}

/** From how many proxies on they are counted, no longer named. */
const MANY_PROXIES = 30;

async function proxyWarning(api: KubeApi, revision: string): Promise<string> {
  if (revision === '') return '';
  const attached = (await proxiesOf(api)).filter((proxy) => proxy.revision === revision);
  if (attached.length === 0) return '';
  const names = attached.map(({ id }) => `${id}\n`).join('');
  return `There are still ${attached.length} proxies pointing to the control plane revision ${revision}\n${attached.length <= MANY_PROXIES ? names : ''}If you proceed with the uninstall, these proxies will become detached from any control plane and will not function correctly.\n`;
}

function gatewayWarning(objects: readonly Installed[]): string {
  const gateways = objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name?.includes('gateway'))
    .map(({ metadata }) => metadata.name);
  if (gateways.length === 0) return '';
  return `You are about to remove the following gateways: ${gateways.join(', ')}. To avoid downtime, please quit this command and reinstall the gateway(s) with a revision that is not being removed from the cluster.\n`;
}

function inventory(objects: readonly Installed[]): string {
  const kinds = [...new Set(objects.map(({ kind }) => kind))].map((kind) => {
    const names = objects
      .filter((object) => object.kind === kind)
      .map(({ metadata }) => metadata.name);
    return `${kind}: ${names.join(', ')}. `;
  });
  return `The following resources will be pruned from the cluster: ${kinds.join('')}\n`;
}
