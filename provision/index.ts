/** Clusters: the providers that make them, and a pretend one for people who want nothing else. */
import type { Provider } from './provider.ts';
import { SimulatedProvider } from './providers/simulated/provider.ts';

export type { Cluster, ExposedAddress, Provider, StartingState } from './provider.ts';

/** Names that `--provider` takes. */
export type ProviderName = 'simulated';

const PROVIDERS: Readonly<Record<ProviderName, () => Provider>> = {
  simulated: () => new SimulatedProvider(),
};

/** Starts a provider. The simulated one forks its host processes at once. */
export function createProvider(name: ProviderName): Provider {
  return PROVIDERS[name]();
}

export { startLocalCluster } from './local/local-cluster.ts';
export { buildLabTools, labTools, prepareSchemas } from './simulator/index.ts';
