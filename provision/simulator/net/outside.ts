import type { Peer } from './http.ts';
import type { Listener } from './network.ts';

/** What lies beyond the cluster: names and hosts that programs in pods can reach. */
export interface Outside {
  /** Addresses of a complete name in lower case; empty when it does not exist. */
  addresses(name: string): readonly string[];
  /** What listens at an address; undefined when it refuses. */
  listenerAt(address: Peer): Listener | undefined;
}

/** A cluster without a way out. */
export const NO_OUTSIDE: Outside = { addresses: () => [], listenerAt: () => undefined };
