import type { HttpRoute, Percentage, RouteDestination } from '../../istio/types.ts';

/** One of a rule's destinations, by weight; a single one takes everything, one of weight 0 among several nothing. */
export function chooseDestination(
  rule: HttpRoute,
  random: () => number,
): RouteDestination | undefined {
  const routes = rule.route ?? [];
  if (routes.length <= 1) return routes[0];
  const total = routes.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  let left = random() * total;
  for (const route of routes) {
    left -= route.weight ?? 0;
    if (left < 0) return route;
  }
  return routes.at(-1);
}

/** Whether this time is one of so many in a hundred; without a percentage never. */
export function hits(
  percentage: Percentage | undefined,
  percent: number | undefined,
  random: () => number,
): boolean {
  return random() * 100 < (percentage?.value ?? percent ?? 0);
}
