import type { Labels } from '../../../../kinds/object.ts';
import type { LocalityLoadBalancing } from '../../../istio/destination-rule.ts';
import type { Endpoint, Locality } from '../../../xds/endpoint.ts';

/** Where a proxy stands. */
export interface Standpoint {
  readonly locality: Locality | undefined;
  readonly labels: Labels;
}

/** Envoy takes a priority for whole while at least 1 / 1.4 of it is healthy. */
const OVERPROVISIONING = 1.4;

export interface LocalityChoice {
  readonly settings: LocalityLoadBalancing;
  /** Whether priorities count: without outlier detection nothing would ever lead to a lower one. */
  readonly failsOver: boolean;
  readonly standpoint: Standpoint;
  readonly random: () => number;
}

/**
 * The healthy endpoints of the locality or priority that a request goes to
 * (https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/).
 */
export function localEndpoints(
  all: readonly Endpoint[],
  healthy: readonly Endpoint[],
  { settings, failsOver, standpoint, random }: LocalityChoice,
): readonly Endpoint[] {
  const { locality, labels } = standpoint;
  if (settings.enabled === false) return healthy;
  const from = locality && nameOf(locality);
  const shares = from
    ? settings.distribute?.find((one) => covers(one.from ?? '', from))?.to
    : undefined;
  if (shares) return distributed(healthy, shares, random);
  if (!failsOver || settings.distribute?.length) return healthy;
  const order = settings.failoverPriority ?? [];
  if (order.length > 0) {
    const own = { ...labelsOf(locality), ...labels };
    return byPriority(all, healthy, { rank: (one) => rankByLabels(one, order, own), random });
  }
  if (!locality) return healthy;
  return byPriority(all, healthy, {
    rank: (one) => rankByLocality(one, locality, settings),
    random,
  });
}

/** Endpoints of one of the localities named, by weight; those of none get nothing. */
function distributed(
  healthy: readonly Endpoint[],
  shares: Readonly<Record<string, number>>,
  random: () => number,
): readonly Endpoint[] {
  const taken = new Set<Endpoint>();
  const groups = Object.entries(shares)
    // What is named most exactly comes first.
    .toSorted(([one], [other]) => other.length - one.length)
    .map(([to, weight]) => {
      const endpoints = healthy.filter(
        (one) => !taken.has(one) && one.locality && covers(to, nameOf(one.locality)),
      );
      for (const endpoint of endpoints) taken.add(endpoint);
      return { weight, endpoints };
    })
    .filter(({ endpoints, weight }) => endpoints.length > 0 && weight > 0);
  return drawn(groups, random)?.endpoints ?? [];
}

interface Ranking {
  /** 0 is asked first. */
  readonly rank: (endpoint: Endpoint) => number;
  readonly random: () => number;
}

/** Endpoints of one priority: each takes what it can, what is left goes to the next. */
function byPriority(
  all: readonly Endpoint[],
  healthy: readonly Endpoint[],
  { rank, random }: Ranking,
): readonly Endpoint[] {
  const counts = new Map<number, number>();
  for (const endpoint of all) {
    const at = rank(endpoint);
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const well = Map.groupBy(healthy, rank);
  let left = 1;
  const groups = [...counts]
    .toSorted(([one], [other]) => one - other)
    .map(([priority, count]) => {
      const endpoints = well.get(priority) ?? [];
      const weight = Math.min(left, (OVERPROVISIONING * endpoints.length) / count);
      left -= weight;
      return { endpoints, weight };
    });
  return drawn(groups, random)?.endpoints ?? [];
}

/** Region, zone and subzone in common: 0; fewer: more; where a rule names the next region, all others come after it. */
function rankByLocality(
  { locality }: Endpoint,
  own: Locality,
  { failover = [] }: LocalityLoadBalancing,
): number {
  if (locality?.region !== own.region) {
    const to = failover.filter(({ from }) => from === own.region).map((one) => one.to);
    return to.length === 0 || to.includes(locality?.region) ? 3 : 4;
  }
  if (locality.zone !== own.zone) return 2;
  return locality.subZone === own.subZone ? 0 : 1;
}

/** How many of the labels, from the first on, are not those of the proxy; `key=value` stands for a proxy that has the value. */
function rankByLabels(endpoint: Endpoint, order: readonly string[], own: Labels): number {
  const theirs = { ...labelsOf(endpoint.locality), ...endpoint.labels };
  const differs = order.findIndex((entry) => {
    const [key = '', value = own[key]] = entry.split('=');
    return theirs[key] !== value;
  });
  return differs < 0 ? 0 : order.length - differs;
}

function labelsOf(locality: Locality | undefined): Labels {
  if (!locality) return {};
  return {
    'topology.kubernetes.io/region': locality.region,
    'topology.kubernetes.io/zone': locality.zone,
    'topology.istio.io/subzone': locality.subZone,
  };
}

/** One of the groups by weight; undefined when none has any. */
function drawn<T extends { readonly weight: number }>(
  groups: readonly T[],
  random: () => number,
): T | undefined {
  let left = random() * groups.reduce((sum, { weight }) => sum + weight, 0);
  for (const group of groups) {
    if (group.weight <= 0) continue;
    left -= group.weight;
    if (left < 0) return group;
  }
  return groups.findLast(({ weight }) => weight > 0);
}

/** `us-west/zone1/*` */
function nameOf({ region, zone, subZone }: Locality): string {
  return [region, zone, subZone].join('/');
}

/** Whether a locality as rules name it (`us-west`, `us-west/zone1/*`, `*`) holds another. */
function covers(written: string, name: string): boolean {
  if (written === '*') return true;
  const parts = written.split('/');
  const others = name.split('/');
  return parts.every((part, at) => part === '*' || part === (others[at] ?? ''));
}
