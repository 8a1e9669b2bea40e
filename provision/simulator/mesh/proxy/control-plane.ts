import type { Clock } from '../../clock.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { Discovery } from '../pilot/discovery.ts';
import type { MeshSnapshot } from '../pilot/snapshot.ts';

const RETRY_MS = 300;

/**
 * A proxy's line to istiod: asks for the mesh until somebody answers, then hears of each change. With istiod gone it keeps what
 * it had, and asks again.
 */
export class ControlPlane implements Disposable {
  readonly #network: NetworkInterface;
  readonly #clock: Clock;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #onSnapshot: (snapshot: MeshSnapshot) => void;
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #snapshot: MeshSnapshot | undefined;

  constructor(options: {
    readonly network: NetworkInterface;
    readonly clock: Clock;
    /** `istiod.istio-system.svc:15012` */
    readonly address: string;
    readonly onSnapshot: (snapshot: MeshSnapshot) => void;
  }) {
    this.#network = options.network;
    this.#clock = options.clock;
    this.#onSnapshot = options.onSnapshot;
    const [host = '', port = '15012'] = options.address.split(':');
    this.#address = { host, port: Number(port) };
    this.#connect();
  }

  /** The mesh as last heard; undefined before the first word. */
  get snapshot(): MeshSnapshot | undefined {
    return this.#snapshot;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#subscription?.[Symbol.dispose]();
  }

  #connect(): void {
    const discovery = this.#network.service(this.#address);
    if (!(discovery instanceof Discovery)) {
      this.#timer = this.#clock.after(RETRY_MS, () => this.#connect());
      return;
    }
    this.#subscription = discovery.subscribe((snapshot) => {
      this.#snapshot = snapshot;
      this.#onSnapshot(snapshot);
    });
    discovery.onClose(() => {
      this.#timer = this.#clock.after(RETRY_MS, () => this.#connect());
    });
  }
}
