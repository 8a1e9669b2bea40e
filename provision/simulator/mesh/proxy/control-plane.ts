import type { Clock } from '../../clock.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { Discovery } from '../pilot/discovery.ts';
import type { MeshSnapshot } from '../pilot/snapshot.ts';

/** While istiod does not answer, the proxy asks again after this, twice as long each time, up to the limit. */
const FIRST_RETRY_MS = 40;
const LAST_RETRY_MS = 5_000;

export interface ControlPlaneOptions {
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** `istiod.istio-system.svc:15012` */
  readonly address: string;
  readonly onSnapshot: (snapshot: MeshSnapshot) => void;
}

/**
 * A proxy's line to istiod: asks for the mesh until somebody answers, then hears of each change. With istiod gone it keeps what
 * it had, and asks again.
 */
export class ControlPlane implements Disposable {
  readonly #options: ControlPlaneOptions;
  readonly #address: { readonly host: string; readonly port: number };
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #snapshot: MeshSnapshot | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    const [host = '', port = '15012'] = options.address.split(':');
    this.#address = { host, port: Number(port) };
    this.#connect(FIRST_RETRY_MS);
  }

  /** The mesh as last heard; undefined before the first word. */
  get snapshot(): MeshSnapshot | undefined {
    return this.#snapshot;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#subscription?.[Symbol.dispose]();
  }

  #connect(retryMs: number): void {
    const { network, onSnapshot } = this.#options;
    const discovery = network.service(this.#address);
    if (!(discovery instanceof Discovery)) {
      this.#retry(retryMs);
      return;
    }
    this.#subscription = discovery.subscribe({
      onSnapshot: (snapshot) => {
        this.#snapshot = snapshot;
        onSnapshot(snapshot);
      },
      onClose: () => this.#retry(FIRST_RETRY_MS),
    });
  }

  #retry(afterMs: number): void {
    this.#timer = this.#options.clock.after(afterMs, () =>
      this.#connect(Math.min(LAST_RETRY_MS, afterMs * 2)),
    );
  }
}
