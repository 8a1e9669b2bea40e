import { parse } from 'yaml';

import { at, isObject, listAt } from '../../../kinds/json.ts';
import type { Pod } from '../../../kinds/types/core.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';

/** Decides which of Envoy's statistics a proxy keeps. */
export type StatsMatcher = (name: string) => boolean;

const matchers = new WeakMap<Pod, StatsMatcher>();

/**
 * The statistics that Istio keeps, and those that a pod asks for: annotations `sidecar.istio.io/statsInclusion…`, `proxyStatsMatcher`
 * in `proxy.istio.io/config`, else in what injection took from the mesh's defaultConfig (the variable PROXY_CONFIG)
 * (https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/).
 */
export function statsMatcher(pod: Pod, proxyConfig: string | undefined): StatsMatcher {
  let known = matchers.get(pod);
  if (!known) {
    known = readMatcher(pod, proxyConfig);
    matchers.set(pod, known);
  }
  return known;
}

function readMatcher(pod: Pod, proxyConfig: string | undefined): StatsMatcher {
  const annotations = pod.metadata.annotations ?? {};
  const matcher = matcherIn(annotations['proxy.istio.io/config']) ?? matcherIn(proxyConfig);
  const annotated = (what: string) =>
    (annotations[`sidecar.istio.io/statsInclusion${what}`] ?? '').split(',');
  const prefixes = given([
    ...DEFAULT_PREFIXES,
    ...annotated('Prefixes'),
    ...textsIn(matcher, 'inclusionPrefixes'),
  ]);
  const suffixes = given([
    ...DEFAULT_SUFFIXES,
    ...annotated('Suffixes'),
    ...textsIn(matcher, 'inclusionSuffixes'),
  ]);
  const patterns = given([
    DEFAULT_PATTERN,
    ...annotated('Regexps'),
    ...textsIn(matcher, 'inclusionRegexps'),
  ])
    .filter((pattern) => patternProblem(pattern) === undefined)
    .map(compilePattern);
  return (name) =>
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix)) ||
    patterns.some((pattern) => pattern.isWhole(name));
}

/** What Istio keeps without being asked. */
const DEFAULT_PREFIXES = [
  'cluster_manager',
  'listener_manager',
  'server',
  'cluster.xds-grpc',
  'wasm',
  'component',
  'istio',
  'reporter=',
];
const DEFAULT_SUFFIXES = [
  'rbac.allowed',
  'rbac.denied',
  'shadow_allowed',
  'shadow_denied',
  'downstream_cx_active',
];
const DEFAULT_PATTERN = String.raw`vhost\..*\.route\..*`;

function matcherIn(config: string | undefined): object | undefined {
  if (config === undefined) return undefined;
  try {
    const matcher = at(parse(config), 'proxyStatsMatcher');
    return isObject(matcher) ? matcher : undefined;
  } catch {
    // Written by hand and broken: as if it were not there.
    return undefined;
  }
}

function textsIn(value: object | undefined, name: string): readonly string[] {
  return listAt(value, name).filter((item) => typeof item === 'string');
}

function given(texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}
