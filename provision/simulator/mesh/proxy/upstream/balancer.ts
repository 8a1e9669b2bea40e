import { createHash } from 'node:crypto';

import type { HttpRequest } from '../../../net/http.ts';
import type { ConsistentHash, LoadBalancer } from '../../istio/destination-rule.ts';
import type { Endpoint } from '../../xds/endpoint.ts';

/** What a choice depends on. */
export interface Choice {
  readonly policy: LoadBalancer | undefined;
  /** What the route tells requests apart by. */
  readonly hash: ConsistentHash | undefined;
  /** Endpoints that may get requests. */
  readonly endpoints: readonly Endpoint[];
  /** Those that this request has been to; avoided while there are others. */
  readonly tried: readonly Endpoint[];
  readonly request: HttpRequest;
}

/** Chooses endpoints of one cluster as Envoy does. */
export class Balancer {
  readonly #random: () => number;
  readonly #active = new Map<string, number>();
  #turn: number | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * An endpoint by the DestinationRule's policy (`ROUND_ROBIN`, `RANDOM`, a consistent hash); without one the less busy of two
   * random ones, Istio's LEAST_REQUEST. undefined when there is none.
   */
  choose({ policy, hash, endpoints, tried, request }: Choice): Endpoint | undefined {
    const key = hash && hashKey(hash, request);
    // A hash always leads to the same endpoint, tried or not.
    if (key !== undefined) return byHash(key, endpoints);
    const fresh =
      tried.length === 0 ? endpoints : endpoints.filter((endpoint) => !tried.includes(endpoint));
    const among = fresh.length > 0 ? fresh : endpoints;
    if (policy?.simple === 'ROUND_ROBIN') {
      this.#turn = (this.#turn ?? Math.floor(this.#random() * among.length)) + 1;
      return among[this.#turn % among.length];
    }
    const first = this.#draw(among);
    if (policy?.simple === 'RANDOM' || among.length <= 1) return first;
    const second = this.#draw(among);
    return this.#load(second) < this.#load(first) ? second : first;
  }

  /** Counts a request on its way to an endpoint, until `end`. */
  begin(endpoint: Endpoint): void {
    const key = keyOf(endpoint);
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1);
  }

  end(endpoint: Endpoint): void {
    const key = keyOf(endpoint);
    const left = (this.#active.get(key) ?? 1) - 1;
    if (left > 0) this.#active.set(key, left);
    else this.#active.delete(key);
  }

  #draw(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return endpoints[Math.floor(this.#random() * endpoints.length)];
  }

  #load(endpoint: Endpoint | undefined): number {
    return endpoint ? (this.#active.get(keyOf(endpoint)) ?? 0) : Number.POSITIVE_INFINITY;
  }
}

/** What requests are told apart by; undefined when this one lacks it, and is sent anywhere. */
function hashKey(hash: ConsistentHash, { headers, path }: HttpRequest): string | undefined {
  if (hash.httpHeaderName !== undefined) return headers.get(hash.httpHeaderName);
  if (hash.httpQueryParameterName !== undefined) {
    const query = new URLSearchParams(path.split('?')[1] ?? '');
    return query.get(hash.httpQueryParameterName) ?? undefined;
  }
  if (hash.httpCookie) return cookieOf(headers.get('cookie') ?? '', hash.httpCookie.name);
  return hash.useSourceIp ? (headers.get('x-forwarded-for') ?? 'same') : undefined;
}

function cookieOf(cookies: string, name: string): string | undefined {
  const pairs = cookies.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The endpoint with the highest score for the key: few keys move when endpoints come or go (rendezvous hashing). */
function byHash(key: string, endpoints: readonly Endpoint[]): Endpoint | undefined {
  let best: { readonly score: string; readonly endpoint: Endpoint } | undefined;
  for (const endpoint of endpoints) {
    const score = createHash('sha1')
      .update(`${key} ${keyOf(endpoint)}`)
      .digest('hex');
    if (!best || score > best.score) best = { score, endpoint };
  }
  return best?.endpoint;
}

function keyOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}
