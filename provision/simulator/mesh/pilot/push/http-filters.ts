import type { HttpFilterConfig } from '../../xds/listener.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { insertedFilters, type PatchPlace } from './envoy-filters.ts';
import { securityFilters } from './security/filters.ts';

/** Filters of requests in their order: security where requests arrive, and what EnvoyFilters insert. */
export function httpFilters(
  mesh: MeshSnapshot,
  node: ProxyNode,
  place: PatchPlace,
): readonly HttpFilterConfig[] {
  const { first, last } = insertedFilters(mesh, node, place);
  // Policies hold where requests arrive; who sends them is not asked.
  const own = place.context === 'SIDECAR_OUTBOUND' ? [] : securityFilters(mesh, node).http;
  return [...first, ...own, ...last];
}
