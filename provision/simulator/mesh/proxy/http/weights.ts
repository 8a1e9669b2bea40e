import type { WeightedCluster } from '../../xds/route.ts';

/** One of several clusters, by weight. */
export function chooseCluster(
  clusters: readonly WeightedCluster[],
  random: () => number,
): WeightedCluster | undefined {
  if (clusters.length <= 1) return clusters[0];
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const cluster of clusters) {
    left -= cluster.weight;
    if (left < 0) return cluster;
  }
  return clusters.at(-1);
}

/** Whether this time is one of so many in a hundred. */
export function hits(percent: number, random: () => number): boolean {
  return random() * 100 < percent;
}
