import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { Pod, PodAffinityTerm } from '../../kinds/types/core.ts';
import type { Snapshot } from './snapshot.ts';

/** How many pods that fit a term there are in each domain of its topology, by the domain's label value. */
export type DomainCounts = ReadonlyMap<string, number>;

/** Whether `other` is a pod that a term of `owner` speaks of. */
export function matchesTerm(
  term: PodAffinityTerm,
  owner: Pod,
  other: Pod,
  snapshot: Pick<Snapshot, 'namespaceLabels'>,
): boolean {
  return (
    isInNamespaces(term, owner, other, snapshot) &&
    matchesSelector(term.labelSelector, other.metadata.labels) &&
    keysAgree(term, owner, other)
  );
}

function isInNamespaces(
  { namespaces = [], namespaceSelector }: PodAffinityTerm,
  owner: Pod,
  { metadata }: Pod,
  { namespaceLabels }: Pick<Snapshot, 'namespaceLabels'>,
): boolean {
  const place = metadata.namespace ?? 'default';
  if (namespaces.length === 0 && !namespaceSelector) return place === owner.metadata.namespace;
  if (namespaces.includes(place)) return true;
  return matchesSelector(namespaceSelector, namespaceLabels(place));
}

/** Labels whose value the owner has are to be the same (or not) in the other. */
function keysAgree(
  { matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm,
  owner: Pod,
  other: Pod,
): boolean {
  const own = owner.metadata.labels ?? {};
  const labels = other.metadata.labels ?? {};
  return (
    matchLabelKeys.every((key) => own[key] === undefined || labels[key] === own[key]) &&
    mismatchLabelKeys.every((key) => own[key] === undefined || labels[key] !== own[key])
  );
}

/** Counts the pods that a term of `owner` speaks of in each domain. */
export function countDomains(term: PodAffinityTerm, owner: Pod, snapshot: Snapshot): DomainCounts {
  const counts = new Map<string, number>();
  for (const { node, pods } of snapshot.nodes) {
    const domain = node.metadata.labels?.[term.topologyKey];
    if (domain === undefined) continue;
    const found = pods.filter((pod) => matchesTerm(term, owner, pod, snapshot)).length;
    if (found > 0) counts.set(domain, (counts.get(domain) ?? 0) + found);
  }
  return counts;
}
