import type { Clock } from '../clock.ts';
import { at, numberAt } from '../kinds/json.ts';
import { isInCidr } from './cidr.ts';
import type { Peer } from './http.ts';
import { AFFINITY_MS } from './limits.ts';
import type { RouteEndpoint, ServiceRoute } from './service-table.ts';

/** Where a connection ends up. */
export type Choice =
  | { readonly type: 'endpoint'; readonly endpoint: Peer }
  /** Nobody answers, not even with a refusal. */
  | { readonly type: 'dropped' }
  | { readonly type: 'refused' };

/** Who connects. */
export interface ChoiceCaller {
  readonly ip: string;
  /** The node it is on; asked only where traffic has to stay on one. */
  readonly nodeName: () => string | undefined;
}

/** Chooses endpoints of Services as kube-proxy does (https://kubernetes.io/docs/reference/networking/virtual-ips/). */
export class ServiceChoice {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #affinity = new Map<string, { readonly endpoint: Peer; readonly untilMs: number }>();

  constructor({ clock, random }: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The endpoint for a connection to a Service's address. */
  choose(route: ServiceRoute, address: Peer, caller: ChoiceCaller): Choice {
    if (!isLetIn(route, caller.ip)) return { type: 'dropped' };
    const { endpoints, isLocal } = candidates(route, caller);
    if (endpoints.length === 0) return { type: isLocal ? 'dropped' : 'refused' };
    const sticks = route.service.spec.sessionAffinity === 'ClientIP';
    const endpoint = sticks
      ? this.#stick(route, { address, endpoints, ip: caller.ip })
      : this.#pick(endpoints);
    return endpoint ? { type: 'endpoint', endpoint } : { type: 'refused' };
  }

  #pick(endpoints: readonly Peer[]): Peer | undefined {
    return endpoints[Math.floor(this.#random() * endpoints.length)];
  }

  /** The same endpoint for the same client, while it stands. */
  #stick(
    { service }: ServiceRoute,
    visit: { readonly address: Peer; readonly endpoints: readonly Peer[]; readonly ip: string },
  ): Peer | undefined {
    const { address, endpoints, ip } = visit;
    const key = `${ip}>${address.ip}:${address.port}`;
    const nowMs = this.#clock.now();
    const old = this.#affinity.get(key);
    const isStanding = endpoints.some((one) => one.ip === old?.endpoint.ip);
    const endpoint =
      old && old.untilMs > nowMs && isStanding ? old.endpoint : this.#pick(endpoints);
    const config = at(service.spec, 'sessionAffinityConfig', 'clientIP');
    const seconds = numberAt(config, 'timeoutSeconds');
    const lifeMs = seconds === undefined ? AFFINITY_MS : seconds * 1000;
    if (endpoint) this.#affinity.set(key, { endpoint, untilMs: nowMs + lifeMs });
    return endpoint;
  }
}

/** Load balancers let in only whom they are told to. */
function isLetIn({ via, service }: ServiceRoute, ip: string): boolean {
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  if (via !== 'balancer' || ranges.length === 0) return true;
  return ranges.some((range) => isInCidr(ip, range.trim()));
}

/** Endpoints that may be chosen, and whether traffic had to stay on one node. */
function candidates(
  { via, service, endpoints, nodeName }: ServiceRoute,
  caller: ChoiceCaller,
): { readonly endpoints: readonly RouteEndpoint[]; readonly isLocal: boolean } {
  const { internalTrafficPolicy, externalTrafficPolicy } = service.spec;
  const node =
    via === 'cluster' && internalTrafficPolicy === 'Local'
      ? caller.nodeName()
      : via === 'node' && externalTrafficPolicy === 'Local'
        ? nodeName
        : undefined;
  if (node === undefined) return { endpoints, isLocal: false };
  return { endpoints: endpoints.filter((one) => one.nodeName === node), isLocal: true };
}
