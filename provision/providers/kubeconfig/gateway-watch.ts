import type { CoreV1Api, KubeConfig } from '@kubernetes/client-node';

import { type GatewayAddress, gatewayAddresses, type GatewayRange } from './gateways.ts';
import { CHANGES_MS, WATCH_AGAIN_MS } from './limits.ts';

/** Follows the gateways of a cluster through its API. Disposing of it ends the watch. */
export class GatewayWatch implements Disposable {
  readonly #config: KubeConfig;
  readonly #api: CoreV1Api;
  readonly #range: GatewayRange;
  readonly #onAddresses: (addresses: readonly GatewayAddress[]) => void;
  #watch: AbortController | undefined;
  #again: NodeJS.Timeout | undefined;
  #isEnded = false;

  private constructor(
    parts: { readonly config: KubeConfig; readonly api: CoreV1Api },
    range: GatewayRange,
    onAddresses: (addresses: readonly GatewayAddress[]) => void,
  ) {
    this.#config = parts.config;
    this.#api = parts.api;
    this.#range = range;
    this.#onAddresses = onAddresses;
  }

  /** Settles when the API server has answered once. @throws Error when it does not */
  static async start(
    kubeconfig: string,
    range: GatewayRange,
    onAddresses: (addresses: readonly GatewayAddress[]) => void,
  ): Promise<GatewayWatch> {
    const client = await import('@kubernetes/client-node');
    const config = new client.KubeConfig();
    config.loadFromString(kubeconfig);
    const api = config.makeApiClient(client.CoreV1Api);
    const watch = new GatewayWatch({ config, api }, range, onAddresses);
    await watch.#look();
    return watch;
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    clearTimeout(this.#again);
    this.#watch?.abort();
  }

  /** All Services now, then a watch; what it tells makes for another look. */
  async #look(): Promise<void> {
    const [services, nodes] = await Promise.all([
      this.#api.listServiceForAllNamespaces(),
      this.#api.listNode(),
    ]);
    if (this.#isEnded) return;
    this.#onAddresses(gatewayAddresses(services.items, nodes.items, this.#range));
    const { Watch } = await import('@kubernetes/client-node');
    const controller = await new Watch(this.#config).watch(
      '/api/v1/services',
      { resourceVersion: services.metadata?.resourceVersion ?? '' },
      () => this.#lookAgain(CHANGES_MS),
      () => this.#lookAgain(WATCH_AGAIN_MS),
    );
    if (this.#isEnded) controller.abort();
    else this.#watch = controller;
  }

  #lookAgain(delayMs: number): void {
    this.#watch?.abort();
    this.#watch = undefined;
    if (this.#isEnded || this.#again) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#look().catch(() => this.#lookAgain(WATCH_AGAIN_MS));
    }, delayMs);
  }
}
