/**
 * Simulated clusters: Kubernetes with its controllers and nodes, and Istio, in this process. What an entry needs is loaded when
 * it is called first: most processes that know of clusters hold none.
 */
import type { SimulatedCluster, StartingState } from './cluster.ts';
import type { CreateOptions } from './compose/index.ts';
import type { LabTools } from './tools/index.ts';

export type { ExposedAddress, SimulatedCluster, StartingState } from './cluster.ts';
export type { HostAnswer, HostEvent, HostRequest } from './host/messages.ts';
export { CLUSTER_DNS_IP } from './net/pod-dns.ts';
export type { LabTools } from './tools/index.ts';

/** Starts a cluster in a starting state; everything in it runs when the promise settles. */
export async function createCluster(
  state: StartingState,
  options?: CreateOptions,
): Promise<SimulatedCluster> {
  const compose = await import('./compose/index.ts');
  return compose.createCluster(state, options);
}

/**
 * Brings a cluster back from what its `snapshot()` gave: objects, keys, containers' files.
 * @throws Error when the bytes are no snapshot
 */
export async function restoreCluster(bytes: Uint8Array): Promise<SimulatedCluster> {
  const compose = await import('./compose/index.ts');
  return compose.restoreCluster(bytes);
}

/** Makes the data file with the schemas of Kubernetes and Istio from npm packages, when it is missing or outdated. */
export async function prepareSchemas(): Promise<void> {
  const { generateSchemas, SCHEMA_FILE } = await import('./kinds/schemas/generate.ts');
  generateSchemas(SCHEMA_FILE);
}

/** Folders for a learner's sandbox: istioctl, and Istio's samples. Built when they are missing. */
export async function labTools(): Promise<LabTools> {
  const tools = await import('./tools/index.ts');
  return tools.labTools();
}

/** Builds them anew. */
export async function buildLabTools(): Promise<LabTools> {
  const tools = await import('./tools/index.ts');
  return tools.buildLabTools();
}
