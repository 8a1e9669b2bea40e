import type { Clock } from '../../clock.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { Discovery } from '../pilot/discovery.ts';
import type { ProxyNode } from '../pilot/node.ts';
import type { ProxyConfiguration } from '../pilot/push/proxy-configuration.ts';

/** While istiod does not answer, the proxy asks again after this, twice as long each time, up to the limit. */
const FIRST_RETRY_MS = 40;
const LAST_RETRY_MS = 5_000;

export interface ControlPlaneOptions {
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** `istiod.istio-system.svc:15012` */
  readonly address: string;
  readonly node: ProxyNode;
  readonly onConfiguration: (configuration: ProxyConfiguration) => void;
}

/**
 * A proxy's line to istiod: asks for its configuration until somebody answers, then hears of each change. With istiod gone it keeps
 * what it had, and asks again.
 */
export class ControlPlane implements Disposable {
  readonly #options: ControlPlaneOptions;
  readonly #address: { readonly host: string; readonly port: number };
  #discovery: Discovery | undefined;
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #configuration: ProxyConfiguration | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    const [host = '', port = '15012'] = options.address.split(':');
    this.#address = { host, port: Number(port) };
    this.#connect(FIRST_RETRY_MS);
  }

  /** As it is now: what istiod is about to say is asked for. As last heard without an istiod, undefined before the first word. */
  get configuration(): ProxyConfiguration | undefined {
    this.#discovery?.hurry();
    return this.#configuration;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#subscription?.[Symbol.dispose]();
  }

  #connect(retryMs: number): void {
    const { network, node, onConfiguration } = this.#options;
    const discovery = network.service(this.#address);
    if (!(discovery instanceof Discovery)) {
      this.#retry(retryMs);
      return;
    }
    this.#discovery = discovery;
    this.#subscription = discovery.subscribe({
      node,
      onConfiguration: (configuration) => {
        this.#configuration = configuration;
        onConfiguration(configuration);
      },
      onClose: () => {
        this.#discovery = undefined;
        this.#retry(FIRST_RETRY_MS);
      },
    });
  }

  #retry(afterMs: number): void {
    this.#timer = this.#options.clock.after(afterMs, () =>
      this.#connect(Math.min(LAST_RETRY_MS, afterMs * 2)),
    );
  }
}
