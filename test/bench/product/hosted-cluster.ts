import { createProvider, type StartingState } from '../../../provision/index.ts';
import { type ApiLine, openApiLine } from './api-line.ts';

/** A cluster in a host process, as sessions have it, and a line to its API server. */
export interface HostedCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly line: ApiLine;
}

/** Starts a cluster in a host process of its own. */
export async function startHostedCluster(startingState: StartingState): Promise<HostedCluster> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(createProvider({ name: 'simulated' }));
  const cluster = stack.use(await provider.create({ startingState }));
  const line = stack.use(await openApiLine(cluster.serverKubeconfig));
  const owned = stack.move();
  return {
    kubeconfig: cluster.serverKubeconfig,
    line,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
