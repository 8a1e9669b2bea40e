import { parse } from 'yaml';

import { at, listAt } from '../../../kinds/json.ts';
import type { Pod } from '../../../kinds/types/core.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { ClusterStatistics } from '../upstream/statistics.ts';

/** Decides which of Envoy's statistics a proxy keeps. */
export type StatsMatcher = (name: string) => boolean;

/**
 * The statistics that a pod's annotations ask for: `sidecar.istio.io/statsInclusionPrefixes`, and `proxyStatsMatcher` of
 * `proxy.istio.io/config` (https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/).
 */
export function readStatsMatcher(pod: Pod): StatsMatcher {
  const annotations = pod.metadata.annotations ?? {};
  const matcher = matcherIn(annotations['proxy.istio.io/config']);
  const prefixes = [
    ...DEFAULT_PREFIXES,
    ...(annotations['sidecar.istio.io/statsInclusionPrefixes'] ?? '').split(','),
    ...textsIn(matcher, 'inclusionPrefixes'),
  ].filter((prefix) => prefix !== '');
  const suffixes = textsIn(matcher, 'inclusionSuffixes');
  const patterns = textsIn(matcher, 'inclusionRegexps')
    .filter((pattern) => patternProblem(pattern) === undefined)
    .map(compilePattern);
  return (name) =>
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix)) ||
    patterns.some((pattern) => pattern.isWhole(name));
}

/** Envoy's text form: a line a statistic, by name. */
export function exposeStats(
  clusters: ReadonlyMap<string, ClusterStatistics>,
  isKept: StatsMatcher,
): string {
  const values: [string, number][] = [['server.live', 1]];
  for (const [cluster, statistics] of clusters) {
    const prefix = `cluster.${cluster};.`;
    for (const [name, value] of Object.entries(statistics))
      values.push([`${prefix}${name}`, value]);
  }
  return values
    .filter(([name]) => isKept(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** What Istio keeps without being asked. */
const DEFAULT_PREFIXES = ['cluster_manager', 'listener_manager', 'server', 'cluster.xds-grpc'];

function matcherIn(config: string | undefined): unknown {
  if (config === undefined) return undefined;
  try {
    return at(parse(config), 'proxyStatsMatcher');
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown, name: string): readonly string[] {
  return listAt(value, name).filter((item) => typeof item === 'string');
}
