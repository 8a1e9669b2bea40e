/** Kubernetes documentation, "Assigning Pods to Nodes": inter-pod affinity and anti-affinity. */
import type { Labels } from '../../kinds/object.ts';
import type { Node, Pod, PodAffinityTerm } from '../../kinds/types/core.ts';
import { countDomains, type DomainCounts, matchesTerm } from './affinity-terms.ts';
import type { Rejection } from './rejection.ts';
import { unschedulable, unresolvable } from './rejection.ts';
import type { NodeState, Snapshot } from './snapshot.ts';

type Check = (node: Node) => Rejection | undefined;

/** The filter of required terms: the pod's own, and those of pods that are there against it. */
export function interPodFilter(pod: Pod, snapshot: Snapshot): Check {
  const affinity = affinityFilter(pod, snapshot);
  const antiAffinity = antiAffinityFilter(pod, snapshot);
  const others = othersFilter(pod, snapshot);
  return (node) => affinity(node) ?? antiAffinity(node) ?? others(node);
}

interface Counted {
  readonly term: PodAffinityTerm;
  readonly counts: DomainCounts;
}

function counted(terms: readonly PodAffinityTerm[], pod: Pod, snapshot: Snapshot) {
  return terms.map((term) => ({ term, counts: countDomains(term, pod, snapshot) }));
}

function affinityFilter(pod: Pod, snapshot: Snapshot): Check {
  const terms = required(pod, 'podAffinity');
  if (terms.length === 0) return () => undefined;
  const all = counted(terms, pod, snapshot);
  // The first pod of a group that wants to be together would otherwise wait for ever.
  const isFirst =
    all.every(({ counts }) => counts.size === 0) &&
    terms.every((term) => matchesTerm(term, pod, pod, snapshot));
  return ({ metadata: { labels = {} } }) => {
    const isWell = all.every(({ term, counts }) => {
      const domain = labels[term.topologyKey];
      return domain !== undefined && (isFirst || counts.has(domain));
    });
    return isWell ? undefined : unresolvable("node(s) didn't match pod affinity rules");
  };
}

function antiAffinityFilter(pod: Pod, snapshot: Snapshot): Check {
  const all: readonly Counted[] = counted(required(pod, 'podAntiAffinity'), pod, snapshot);
  return ({ metadata: { labels = {} } }) =>
    all.some(({ term, counts }) => counts.has(labels[term.topologyKey] ?? ''))
      ? unschedulable("node(s) didn't match pod anti-affinity rules")
      : undefined;
}

function othersFilter(pod: Pod, snapshot: Snapshot): Check {
  const forbidden = new Set<string>();
  for (const state of snapshot.nodes) {
    for (const domain of domainsAgainst(pod, state, snapshot)) forbidden.add(domain);
  }
  return ({ metadata: { labels = {} } }) =>
    forbidden.size > 0 && domainsOf(labels).some((domain) => forbidden.has(domain))
      ? unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
      : undefined;
}

function domainsAgainst(
  pod: Pod,
  { node, pods }: NodeState,
  snapshot: Snapshot,
): readonly string[] {
  return pods.flatMap((other) =>
    required(other, 'podAntiAffinity')
      .filter((term) => matchesTerm(term, other, pod, snapshot))
      .map(({ topologyKey }) => `${topologyKey}=${node.metadata.labels?.[topologyKey] ?? ''}`),
  );
}

function domainsOf(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

function required({ spec }: Pod, kind: 'podAffinity' | 'podAntiAffinity') {
  return spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** How much preferred terms speak for a node: the pod's own, and those of pods that are there about it. */
export function interPodPreference(pod: Pod, snapshot: Snapshot): (node: Node) => number {
  const own = preferred(pod).map(({ term, weight }) => ({
    term,
    weight,
    counts: countDomains(term, pod, snapshot),
  }));
  const others = preferencesOfOthers(pod, snapshot);
  return ({ metadata: { labels = {} } }) => {
    const ownSum = own.reduce(
      (sum, { term, weight, counts }) =>
        sum + weight * (counts.get(labels[term.topologyKey] ?? '') ?? 0),
      0,
    );
    return domainsOf(labels).reduce((sum, domain) => sum + (others.get(domain) ?? 0), ownSum);
  };
}

function preferencesOfOthers(pod: Pod, snapshot: Snapshot): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { domain, weight } of snapshot.nodes.flatMap((state) =>
    wishesAbout(pod, state, snapshot),
  )) {
    sums.set(domain, (sums.get(domain) ?? 0) + weight);
  }
  return sums;
}

function wishesAbout(pod: Pod, { node, pods }: NodeState, snapshot: Snapshot) {
  return pods.flatMap((other) =>
    preferred(other)
      .filter(({ term }) => matchesTerm(term, other, pod, snapshot))
      .map(({ term: { topologyKey }, weight }) => ({
        domain: `${topologyKey}=${node.metadata.labels?.[topologyKey] ?? ''}`,
        weight,
      })),
  );
}

/** Preferred terms; those against have a negative weight. */
function preferred({ spec }: Pod) {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const towards = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const away = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...towards.map(({ weight, podAffinityTerm: term }) => ({ term, weight })),
    ...away.map(({ weight, podAffinityTerm: term }) => ({ term, weight: -weight })),
  ];
}
