import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { parseAllDocuments } from 'yaml';

import type { PreparedState } from '../apiserver/index.ts';
import type { ClusterClient, NewObject, Resource } from '../client/client.ts';
import type { StartingState } from '../cluster.ts';
import { defaultStorageClass } from '../controllers/index.ts';
import { kindsOfCrd } from '../kinds/crd/kinds.ts';
import { istioCrds } from '../kinds/istio/crds.ts';
import { builtinKinds } from '../kinds/registry.ts';
import { customResourceDefinitions, deployments, namespaces, pods } from '../kinds/resources.ts';
import { type SavedLogs, systemObjects } from '../node/index.ts';
import { labTools } from '../tools/index.ts';
import { istioNamespace, manifestsFor, resolveOperator } from '../tools/install/index.ts';
import { HurriedClock } from './hurried-clock.ts';
import { RunningCluster } from './running-cluster.ts';

/** How old the objects of a prepared cluster are when the learner sees it first. */
const AGE_MS = 90_000;
/** Longest time for a state to be ready; a bug would otherwise hang every session. */
const READY_LIMIT_MS = 30_000;

/** The objects of a cluster in a starting state, and what its ended containers have logged. */
interface PreparedCluster {
  readonly state: PreparedState;
  readonly logs: SavedLogs;
}

const prepared = new Map<string, Promise<PreparedCluster>>();

/**
 * The objects of a cluster in a starting state, everything in it running. Made once per process and state; clusters made
 * from it share what does not change.
 */
export function preparedState(
  state: Required<StartingState>,
  loadBalancerRange: string,
): Promise<PreparedCluster> {
  const key = `${state.istio}/${state.hasBookinfo}/${state.workers}/${loadBalancerRange}`;
  const known = prepared.get(key);
  if (known) return known;
  const making = prepare(state, loadBalancerRange);
  prepared.set(key, making);
  making.catch(() => prepared.delete(key));
  return making;
}

async function prepare(
  { istio, hasBookinfo, workers }: Required<StartingState>,
  loadBalancerRange: string,
): Promise<PreparedCluster> {
  const clock = new HurriedClock(Date.now() - AGE_MS);
  const cluster = await RunningCluster.start({
    clock,
    random: Math.random,
    workers,
    loadBalancerRange,
  });
  try {
    const { client } = cluster;
    await createAll(client, [...systemObjects(), defaultStorageClass()]);
    if (istio !== 'none') await installIstio(client, istio);
    if (hasBookinfo) await deployBookinfo(client);
    // Without a worker nothing of an application can run, and is not waited for.
    await untilReady(client, workers > 0);
    return { state: cluster.api.prepare(), logs: cluster.savedLogs() };
  } finally {
    clock.stop();
    await cluster[Symbol.asyncDispose]();
  }
}

async function installIstio(client: ClusterClient, profile: string): Promise<void> {
  const operator = resolveOperator({ files: [], sets: [`profile=${profile}`], isForced: false });
  await createAll(client, [istioNamespace(operator)]);
  const components = manifestsFor(operator, { crds: istioCrds() });
  for (const { objects } of components) await createAll(client, objects);
}

async function deployBookinfo(client: ClusterClient): Promise<void> {
  await untilReady(client, true);
  await client.patch(
    namespaces,
    { name: 'default' },
    { metadata: { labels: { 'istio-injection': 'enabled' } } },
  );
  const { homeFolder } = await labTools();
  const samples = path.join(homeFolder, 'istio-1.30.3/samples/bookinfo');
  for (const file of ['platform/kube/bookinfo.yaml', 'networking/bookinfo-gateway.yaml']) {
    const text = await readFile(path.join(samples, file), 'utf8');
    const documents = parseAllDocuments(text).map((document): unknown => document.toJS());
    await createAll(client, documents.filter(isNewObject));
  }
}

async function createAll(client: ClusterClient, objects: readonly NewObject[]): Promise<void> {
  for (const object of objects) {
    const resource = resourceOf(client, object);
    const namespace = resource.isNamespaced ? (object.metadata.namespace ?? 'default') : undefined;
    const metadata = { ...object.metadata, ...(namespace !== undefined && { namespace }) };
    await client.create(resource, { ...object, metadata });
  }
}

/** Built-in kinds, and those that the cluster has learnt. */
function resourceOf(client: ClusterClient, { apiVersion, kind }: NewObject): Resource {
  const isIt = (one: Resource) =>
    one.kind === kind &&
    apiVersion === (one.group === '' ? one.version : `${one.group}/${one.version}`);
  const resource =
    builtinKinds().find(isIt) ??
    client.list(customResourceDefinitions).flatMap(kindsOfCrd).find(isIt);
  if (!resource) throw new Error(`Cannot prepare a cluster: ${apiVersion} has no ${kind}`);
  return resource;
}

/** Waits until no pod is on its way to run. */
async function untilReady(client: ClusterClient, hasWorker: boolean): Promise<void> {
  const endMs = performance.now() + READY_LIMIT_MS;
  while (!isSettled(client, hasWorker)) {
    if (performance.now() > endMs)
      throw new Error(`Cannot prepare a cluster: ${whatIsMissing(client)}`);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function isSettled(client: ClusterClient, hasWorker: boolean): boolean {
  const isDone = client.list(deployments).every(({ metadata, spec, status }) => {
    if (!hasWorker) return true;
    return (
      status.observedGeneration === metadata.generation &&
      (status.availableReplicas ?? 0) >= spec.replicas
    );
  });
  const all = client.list(pods);
  return (
    isDone &&
    all.length > 0 &&
    all.every(({ status, spec }) => {
      if (!hasWorker && spec.nodeName === undefined) return true;
      return status.conditions?.some(
        ({ type, status: value }) => type === 'Ready' && value === 'True',
      );
    })
  );
}

function whatIsMissing(client: ClusterClient): string {
  const waiting = client
    .list(pods)
    .filter(
      ({ status }) =>
        !status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    );
  return `not ready in time: ${waiting.map(({ metadata }) => metadata.name).join(', ') || 'its Deployments'}`;
}

function isNewObject(value: unknown): value is NewObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    'apiVersion' in value &&
    'metadata' in value
  );
}
