import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, type Flag } from '../../istioctl/cli/command.ts';
import type { KubeApi } from '../../istioctl/kube/api.ts';
import { isRolledOut, waitUntilReady } from '../../istioctl/kube/wait.ts';
import type { Chart } from '../charts/chart.ts';
import { crdsFor, type HelmCall, storageOf } from '../cli.ts';
import { applyManifest, named, removeObjects } from '../releases/apply.ts';
import { inRemovalOrder, manifestText, renderChart } from '../releases/manifest.ts';
import { chartRecord, type Release } from '../releases/release.ts';
import { objectsIn } from '../releases/storage.ts';

/** Flags of commands that change a cluster. */
export const DEPLOY_FLAGS: readonly Flag[] = [
  { name: 'wait', type: 'boolean', usage: 'wait until all resources are in a ready state' },
  { name: 'timeout', type: 'duration', default: '5m0s', usage: 'time to wait' },
  { name: 'atomic', type: 'boolean', usage: 'undo the changes when they come to nothing' },
  { name: 'description', type: 'text', usage: 'add a custom description' },
  {
    name: 'create-namespace',
    type: 'boolean',
    usage: 'create the release namespace if not present',
  },
  {
    name: 'skip-crds',
    type: 'boolean',
    usage: 'no CRDs will be installed (Istio keeps none there)',
  },
];

/** The first or next revision of a release, not yet in the cluster. */
export async function planned(
  call: HelmCall,
  chart: Chart,
  { name, namespace, config, previous, description }: Plan,
): Promise<Release> {
  const release = { name, namespace };
  const crds = await crdsFor(call, chart.name);
  const rendered = renderChart(chart, config, { release, crds });
  const now = new Date(call.context.now()).toISOString();
  return {
    ...release,
    version: (previous?.version ?? 0) + 1,
    status: previous ? 'pending-upgrade' : 'pending-install',
    description: call.flags.text('description') || description,
    firstDeployed: previous?.firstDeployed || now,
    lastDeployed: now,
    notes: chart.notes(release, { ...chart.values, ...config }),
    config,
    manifest: manifestText(chart, rendered),
    chart: chartRecord(chart),
  };
}

interface Plan {
  readonly name: string;
  readonly namespace: string;
  readonly config: JsonObject;
  /** The newest revision, whatever became of it. */
  readonly previous?: Release | undefined;
  readonly description: string;
}

/**
 * Stores a planned revision, brings its objects into the cluster and marks what came of it.
 * @param current the deployed revision that it follows
 * @throws CommandError when the cluster does not take it; the revision stays as failed
 */
export async function deploy(
  call: HelmCall,
  api: KubeApi,
  { next, current }: { readonly next: Release; readonly current: Release | undefined },
): Promise<Release> {
  const storage = storageOf(call, api);
  await storage.create(next);
  try {
    const after = await objectsIn(next.manifest);
    const before = current ? await objectsIn(current.manifest) : [];
    await applyManifest(api, next, { before, after });
    if (call.flags.isOn('wait') || call.flags.isOn('atomic')) {
      await waitForDeployments(api, after, call.flags.durationMs('timeout'));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = current ? `Upgrade "${next.name}" failed` : `Release "${next.name}" failed`;
    await storage.update({ ...next, status: 'failed', description: `${what}: ${why}` });
    if (!call.flags.isOn('atomic')) throw error;
    const undone = await undo(call, api, { next, current });
    throw new CommandError(
      `release ${next.name} failed, and has been ${undone} due to atomic being set: ${why}`,
      1,
      { cause: error },
    );
  }
  const deployed: Release = { ...next, status: 'deployed' };
  if (current) await storage.update({ ...current, status: 'superseded' });
  await storage.update(deployed);
  return deployed;
}

/** Back to the revision before, as a revision of its own; without one, away with everything. Says which, in helm's word. */
async function undo(
  call: HelmCall,
  api: KubeApi,
  { next, current }: { readonly next: Release; readonly current: Release | undefined },
): Promise<'rolled back' | 'uninstalled'> {
  const storage = storageOf(call, api);
  const failed = await objectsIn(next.manifest);
  if (!current) {
    await removeObjects(api, inRemovalOrder(failed.flatMap(named)));
    await storage.remove(next);
    return 'uninstalled';
  }
  const back: Release = { ...again(call, current, next), status: 'deployed' };
  await applyManifest(api, back, { before: failed, after: await objectsIn(back.manifest) });
  await storage.update({ ...current, status: 'superseded' });
  await storage.create(back);
  return 'rolled back';
}

/** An earlier revision, planned once more as the one after the newest. */
export function again(call: HelmCall, earlier: Release, newest: Release): Release {
  return {
    ...earlier,
    version: newest.version + 1,
    status: 'pending-rollback',
    description: `Rollback to ${earlier.version}`,
    lastDeployed: new Date(call.context.now()).toISOString(),
  };
}

/**
 * Makes the namespace if it is asked for.
 * @throws CommandError when there is none
 */
export async function ensureNamespace(
  call: HelmCall,
  api: KubeApi,
  namespace: string,
): Promise<void> {
  if (!call.flags.isOn('create-namespace')) return;
  await api.call({
    method: 'POST',
    path: '/api/v1/namespaces?fieldManager=helm',
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { name: namespace } },
    }),
  });
}

async function waitForDeployments(
  api: KubeApi,
  objects: readonly JsonObject[],
  timeoutMs: number,
): Promise<void> {
  const deployments = objects.filter((object) => object['kind'] === 'Deployment');
  try {
    for (const deployment of deployments) {
      const namespace = textAt(deployment, 'metadata', 'namespace');
      await waitUntilReady(api, {
        collection: `/apis/apps/v1/namespaces/${namespace}/deployments`,
        names: [textAt(deployment, 'metadata', 'name')],
        describe: (name) => `Deployment/${namespace}/${name}`,
        isReady: isRolledOut,
        onPending: () => {},
        timeoutMs,
      });
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError('context deadline exceeded', 1, { cause: error });
  }
}
