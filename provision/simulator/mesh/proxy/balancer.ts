import type { Endpoint } from '../pilot/snapshot.ts';

/** Chooses endpoints as Envoy does; keeps what it must remember per cluster. */
export class Balancer {
  readonly #random: () => number;
  readonly #turns = new Map<string, number>();
  readonly #active = new Map<string, number>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * An endpoint by the policy of the DestinationRule (`ROUND_ROBIN`, `RANDOM`, …); without one the less busy of two random
   * ones, Istio's LEAST_REQUEST. Those tried already are avoided while there are others.
   */
  choose(
    cluster: string,
    policy: string | undefined,
    endpoints: readonly Endpoint[],
    tried: readonly Endpoint[],
  ): Endpoint | undefined {
    const fresh =
      tried.length === 0 ? endpoints : endpoints.filter((endpoint) => !tried.includes(endpoint));
    const among = fresh.length > 0 ? fresh : endpoints;
    if (policy === 'ROUND_ROBIN') {
      const turn = this.#turns.get(cluster) ?? Math.floor(this.#random() * among.length);
      this.#turns.set(cluster, turn + 1);
      return among[turn % among.length];
    }
    const first = this.#draw(among);
    if (policy === 'RANDOM') return first;
    const second = this.#draw(among);
    return this.#load(second) < this.#load(first) ? second : first;
  }

  /** Counts a request on its way to an endpoint, until `end`. */
  begin(endpoint: Endpoint): void {
    this.#active.set(keyOf(endpoint), (this.#active.get(keyOf(endpoint)) ?? 0) + 1);
  }

  end(endpoint: Endpoint): void {
    const left = (this.#active.get(keyOf(endpoint)) ?? 1) - 1;
    if (left > 0) this.#active.set(keyOf(endpoint), left);
    else this.#active.delete(keyOf(endpoint));
  }

  #draw(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return endpoints[Math.floor(this.#random() * endpoints.length)];
  }

  #load(endpoint: Endpoint | undefined): number {
    return endpoint ? (this.#active.get(keyOf(endpoint)) ?? 0) : Number.POSITIVE_INFINITY;
  }
}

function keyOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}
