import { POD_ADDRESSES_PER_NODE } from '../limits.ts';

/** Gives out the pod addresses of one node's /24, never the one just given back. */
export class PodAddresses {
  readonly #prefix: string;
  readonly #used = new Set<string>();
  #last = 1;

  /** @param podCidr such as `10.244.1.0/24` */
  constructor(podCidr: string) {
    this.#prefix = podCidr.slice(0, podCidr.lastIndexOf('.'));
  }

  /** Marks an address that a pod has already. */
  reserve(ip: string): void {
    this.#used.add(ip);
  }

  /** @throws Error when all addresses are in use */
  allot(): string {
    for (let tries = 0; tries < POD_ADDRESSES_PER_NODE; tries++) {
      this.#last = this.#last >= POD_ADDRESSES_PER_NODE + 1 ? 2 : this.#last + 1;
      const ip = `${this.#prefix}.${this.#last}`;
      if (this.#used.has(ip)) continue;
      this.#used.add(ip);
      return ip;
    }
    throw new Error(`Cannot give a pod an address: all of ${this.#prefix}.0/24 are in use`);
  }

  release(ip: string): void {
    this.#used.delete(ip);
  }
}
