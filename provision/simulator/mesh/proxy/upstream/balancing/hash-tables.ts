import type { ConsistentHash } from '../../../istio/destination-rule.ts';
import type { Endpoint } from '../../../xds/endpoint.ts';
import { xxHash64 } from './xxhash64.ts';

/** Leads each hash to an endpoint. */
export type HashTable = (hash: bigint) => Endpoint | undefined;

const DEFAULT_RING_ENTRIES = 1_024;
/** Envoy allows eight million; a learner's rule shall not take as much memory and time. */
const RING_LIMIT_ENTRIES = 16_384;
const DEFAULT_MAGLEV_ENTRIES = 65_537;

/**
 * Endpoints as Envoy's ring hash or Maglev places them, by weight; building takes milliseconds
 * (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers).
 */
export function hashTable(endpoints: readonly Endpoint[], settings: ConsistentHash): HashTable {
  if (settings.maglev) {
    return maglev(endpoints, settings.maglev.tableSize || DEFAULT_MAGLEV_ENTRIES);
  }
  const least = settings.ringHash?.minimumRingSize ?? settings.minimumRingSize;
  return ring(endpoints, Math.min(RING_LIMIT_ENTRIES, least || DEFAULT_RING_ENTRIES));
}

function ring(endpoints: readonly Endpoint[], leastEntries: number): HashTable {
  const shares = sharesOf(endpoints);
  const smallest = Math.min(...shares);
  const entries = Math.min(RING_LIMIT_ENTRIES, Math.ceil(smallest * leastEntries) / smallest);
  const placed: { readonly hash: bigint; readonly endpoint: Endpoint }[] = [];
  let target = 0;
  for (const [at, endpoint] of endpoints.entries()) {
    target += entries * (shares[at] ?? 0);
    for (let copy = 0; placed.length < target; copy++) {
      placed.push({ hash: xxHash64(`${endpoint.ip}:${endpoint.port}_${copy}`), endpoint });
    }
  }
  placed.sort((one, other) => (one.hash < other.hash ? -1 : Number(one.hash > other.hash)));
  return (hash) => {
    let low = 0;
    let high = placed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((placed[middle]?.hash ?? 0n) < hash) low = middle + 1;
      else high = middle;
    }
    return (placed[low] ?? placed[0])?.endpoint;
  };
}

/** Sizes other than Envoy's default are taken up to it; Envoy wants a prime number. */
function maglev(endpoints: readonly Endpoint[], wanted: number): HashTable {
  const size = Math.max(endpoints.length, Math.min(wanted, DEFAULT_MAGLEV_ENTRIES));
  const table: (Endpoint | undefined)[] = Array.from({ length: size });
  const weights = endpoints.map(({ weight = 1 }) => weight);
  const most = Math.max(...weights);
  const places = endpoints.map((endpoint, at) => {
    const key = `${endpoint.ip}:${endpoint.port}`;
    return {
      endpoint,
      weight: weights[at] ?? 1,
      next: Number(xxHash64(key) % BigInt(size)),
      skip: Number(xxHash64(key, 1n) % BigInt(Math.max(1, size - 1))) + 1,
      due: 0,
    };
  });
  let free = endpoints.length === 0 ? 0 : size;
  for (let turn = 1; free > 0; turn++) {
    for (const place of places) {
      if (free === 0 || turn * place.weight < place.due) continue;
      place.due += most;
      free -= take(table, place);
    }
  }
  return (hash) => table[Number(hash % BigInt(size))];
}

interface Place {
  readonly endpoint: Endpoint;
  readonly skip: number;
  next: number;
}

/** Puts an endpoint at the next free entry in its own order; 0 when its order leads to none. */
function take(table: (Endpoint | undefined)[], place: Place): number {
  for (let tries = 0; tries < table.length; tries++) {
    const at = place.next;
    place.next = (place.next + place.skip) % table.length;
    if (table[at]) continue;
    table[at] = place.endpoint;
    return 1;
  }
  const at = table.indexOf(undefined);
  if (at < 0) return 0;
  table[at] = place.endpoint;
  return 1;
}

function sharesOf(endpoints: readonly Endpoint[]): readonly number[] {
  const weights = endpoints.map(({ weight = 1 }) => Math.max(1, weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
