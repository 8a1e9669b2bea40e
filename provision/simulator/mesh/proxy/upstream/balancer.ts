import type { ConsistentHash, LoadBalancer } from '../../istio/destination-rule.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { hashTable, type HashTable } from './balancing/hash-tables.ts';
import { addressOf } from './endpoints.ts';

/** What a choice depends on. */
export interface Choice {
  readonly policy: LoadBalancer | undefined;
  /** What the route tells requests apart by, and what this one has of it. */
  readonly by?: { readonly settings: ConsistentHash; readonly hash: bigint } | undefined;
  /** Endpoints that may get requests. */
  readonly endpoints: readonly Endpoint[];
  /** Those that this request has been to; avoided while there are others. */
  readonly tried: readonly Endpoint[];
  readonly nowMs: number;
}

/** What is remembered of endpoints is forgotten when there are more: they come and go with their pods. */
const REMEMBERED_ENDPOINTS = 10_000;
/** Least share of its weight that an endpoint has while it warms up (warmup.minimumPercent). */
const DEFAULT_WARM_PERCENT = 10;

/** Chooses endpoints of one cluster as Envoy does. */
export class Balancer {
  readonly #random: () => number;
  readonly #active = new Map<string, number>();
  readonly #credits = new Map<string, number>();
  readonly #seenMs = new Map<string, number>();
  #table: { readonly key: string; readonly find: HashTable } | undefined;
  #turn: number | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * An endpoint by the DestinationRule's policy (`ROUND_ROBIN`, `RANDOM`, a consistent hash); without one the less busy of two
   * random ones, Istio's LEAST_REQUEST. undefined when there is none.
   */
  choose({ policy, by, endpoints, tried, nowMs }: Choice): Endpoint | undefined {
    if (policy?.consistentHash && by) {
      // A hash always leads to the same endpoint, tried or not.
      return this.#tableFor(endpoints, by.settings)(by.hash);
    }
    const fresh =
      tried.length === 0 ? endpoints : endpoints.filter((endpoint) => !tried.includes(endpoint));
    const among = fresh.length > 0 ? fresh : endpoints;
    if (policy?.simple === 'RANDOM' || policy?.consistentHash) return this.#draw(among);
    const weights = this.#weights(among, policy, nowMs);
    if (policy?.simple === 'ROUND_ROBIN') {
      return weights ? this.#nextByWeight(among, weights) : this.#next(among);
    }
    return weights ? this.#leastByWeight(among, weights) : this.#least(among);
  }

  /** Counts a request on its way to an endpoint, until `end`. */
  begin(endpoint: Endpoint): void {
    const key = addressOf(endpoint);
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1);
  }

  end(endpoint: Endpoint): void {
    const key = addressOf(endpoint);
    const left = (this.#active.get(key) ?? 1) - 1;
    if (left > 0) this.#active.set(key, left);
    else this.#active.delete(key);
  }

  #tableFor(endpoints: readonly Endpoint[], settings: ConsistentHash): HashTable {
    const key = `${JSON.stringify(settings)} ${endpoints.map((one) => `${addressOf(one)}*${one.weight ?? 1}`).join()}`;
    if (this.#table?.key !== key) this.#table = { key, find: hashTable(endpoints, settings) };
    return this.#table.find;
  }

  #next(among: readonly Endpoint[]): Endpoint | undefined {
    this.#turn = (this.#turn ?? Math.floor(this.#random() * among.length)) + 1;
    return among[this.#turn % among.length];
  }

  #least(among: readonly Endpoint[]): Endpoint | undefined {
    const first = this.#draw(among);
    if (among.length <= 1) return first;
    const second = this.#draw(among);
    return this.#load(second) < this.#load(first) ? second : first;
  }

  /** Whoever is owed most goes next, so that any stretch of requests is shared by weight. */
  #nextByWeight(among: readonly Endpoint[], weights: readonly number[]): Endpoint | undefined {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (this.#credits.size > Math.max(REMEMBERED_ENDPOINTS, among.length)) this.#credits.clear();
    let best:
      | { readonly endpoint: Endpoint; readonly key: string; readonly credit: number }
      | undefined;
    for (const [at, endpoint] of among.entries()) {
      const key = addressOf(endpoint);
      const credit = (this.#credits.get(key) ?? 0) + (weights[at] ?? 0);
      this.#credits.set(key, credit);
      if (!best || credit > best.credit) best = { endpoint, key, credit };
    }
    if (best) this.#credits.set(best.key, best.credit - total);
    return best?.endpoint;
  }

  /** Busy endpoints count for less (Envoy: active_request_bias 1). */
  #leastByWeight(among: readonly Endpoint[], weights: readonly number[]): Endpoint | undefined {
    const shares = among.map((one, at) => (weights[at] ?? 0) / (this.#load(one) + 1));
    let left = this.#random() * shares.reduce((sum, share) => sum + share, 0);
    return among.find((_, at) => (left -= shares[at] ?? 0) < 0) ?? among.at(-1);
  }

  /** Weights of the endpoints; undefined when all are the same. */
  #weights(
    among: readonly Endpoint[],
    policy: LoadBalancer | undefined,
    nowMs: number,
  ): readonly number[] | undefined {
    const warmMs =
      parseDurationMs(policy?.warmup?.duration) ?? parseDurationMs(policy?.warmupDurationSecs);
    const isEven = among.every(({ weight }) => weight === among[0]?.weight);
    if (!warmMs) return isEven ? undefined : among.map(({ weight = 1 }) => weight);
    const { minimumPercent = DEFAULT_WARM_PERCENT, aggression = 1 } = policy?.warmup ?? {};
    if (this.#seenMs.size > Math.max(REMEMBERED_ENDPOINTS, among.length)) this.#seenMs.clear();
    // Whoever is there from the start is warm.
    const sinceMs = this.#seenMs.size === 0 ? nowMs - warmMs : nowMs;
    return among.map((endpoint) => {
      const key = addressOf(endpoint);
      const seenMs = this.#seenMs.get(key) ?? sinceMs;
      this.#seenMs.set(key, seenMs);
      const warmth = Math.min(1, (nowMs - seenMs) / warmMs) ** (1 / Math.max(aggression, 0.01));
      return (endpoint.weight ?? 1) * Math.max(minimumPercent / 100, warmth);
    });
  }

  #draw(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return endpoints[Math.floor(this.#random() * endpoints.length)];
  }

  #load(endpoint: Endpoint | undefined): number {
    return endpoint ? (this.#active.get(addressOf(endpoint)) ?? 0) : Number.POSITIVE_INFINITY;
  }
}
