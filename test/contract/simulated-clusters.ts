import { startLocalCluster } from '../../provision/index.ts';

/** Simulated clusters for transcripts, one for each set of needs, made when first asked for. */
export class SimulatedClusters implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #byState = new Map<'none' | 'demo', Promise<string>>();

  /** A cluster administrator's kubeconfig of a cluster that has what is needed; metrics are always there. */
  kubeconfig(needs: readonly string[]): Promise<string> {
    const istio = needs.includes('istio') ? 'demo' : 'none';
    const known = this.#byState.get(istio);
    if (known) return known;
    const started = this.#start(istio);
    this.#byState.set(istio, started);
    return started;
  }

  async #start(istio: 'none' | 'demo'): Promise<string> {
    const cluster = await startLocalCluster({ istio, hasBookinfo: false, workers: 1 });
    this.#stack.use(cluster);
    return cluster.kubeconfig;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
