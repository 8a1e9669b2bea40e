/** Clusters: the providers that make them, and a pretend one for people who want nothing else. */
import type { Provider } from './provider.ts';
import {
  KubeconfigProvider,
  type KubeconfigProviderOptions,
} from './providers/kubeconfig/provider.ts';
import { SimulatedProvider } from './providers/simulated/provider.ts';

export type { Cluster, ExposedAddress, Provider, StartingState } from './provider.ts';

/** Where clusters come from; names as `--provider` takes them. */
export type ProviderChoice =
  | { readonly name: 'simulated' }
  | ({ readonly name: 'kubeconfig' } & KubeconfigProviderOptions);

/**
 * Starts a provider. The simulated one forks its host processes at once.
 * @throws KubeconfigError when the kubeconfig cannot be used
 */
export function createProvider(choice: ProviderChoice): Provider {
  return choice.name === 'simulated' ? new SimulatedProvider() : new KubeconfigProvider(choice);
}

export { startLocalCluster } from './local/local-cluster.ts';
export { buildLabTools, labTools, prepareSchemas } from './simulator/index.ts';
