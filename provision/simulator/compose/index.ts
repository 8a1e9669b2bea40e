import { createPki, type Pki } from '../apiserver/index.ts';
import { systemClock } from '../clock.ts';
import type { SimulatedCluster, StartingState } from '../cluster.ts';
import { RunningCluster } from './running-cluster.ts';
import { readSnapshot } from './snapshot.ts';
import { preparedState } from './starting-states.ts';

const LOAD_BALANCER_RANGE = '172.30.255.0/24';
/** Keys take some milliseconds to make: this many are made before anybody asks. */
const SPARE_KEYS = 4;

export interface CreateOptions {
  /** Addresses for Services of type LoadBalancer, in CIDR notation. */
  readonly loadBalancerRange?: string;
}

/** Starts a cluster in a starting state; everything in it runs when the promise settles. */
export async function createCluster(
  state: StartingState,
  options: CreateOptions = {},
): Promise<SimulatedCluster> {
  const { workers = 1 } = state;
  const { loadBalancerRange = LOAD_BALANCER_RANGE } = options;
  const [prepared, pki] = await Promise.all([
    preparedState({ ...state, workers }, loadBalancerRange),
    takeKeys(),
  ]);
  return RunningCluster.start({
    clock: systemClock,
    random: Math.random,
    workers,
    loadBalancerRange,
    prepared: prepared.state,
    logs: prepared.logs,
    pki,
  });
}

/**
 * Brings a cluster back from what its `snapshot()` gave: objects, keys, containers' files.
 * @throws Error when the bytes are no snapshot
 */
export async function restoreCluster(bytes: Uint8Array): Promise<SimulatedCluster> {
  const { workers, logs, ...snapshot } = readSnapshot(bytes);
  return RunningCluster.start({
    clock: systemClock,
    random: Math.random,
    workers,
    loadBalancerRange: LOAD_BALANCER_RANGE,
    snapshot,
    ...(logs && { logs }),
  });
}

const keys: Promise<Pki>[] = [];

function takeKeys(): Promise<Pki> {
  const taken = keys.shift() ?? createPki(Date.now());
  setImmediate(() => {
    while (keys.length < SPARE_KEYS) keys.push(createPki(Date.now()));
  });
  return taken;
}
