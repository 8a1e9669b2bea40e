import type { Service } from '../../../kinds/types/core.ts';
import { fullHost } from '../../hosts.ts';
import type { MeshService } from './service.ts';

/** Names may stand for names that stand for names, so often. */
const CHAIN_LIMIT = 8;

/**
 * Services of type ExternalName are other names for the service that they lead to, whatever ports they list; one that leads out of
 * the mesh is nothing that proxies know (https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes/).
 */
export function withAliases(
  services: readonly MeshService[],
  kubernetes: readonly Service[],
): readonly MeshService[] {
  const targets = new Map(
    kubernetes
      .filter(({ spec }) => spec.type === 'ExternalName')
      .map(({ metadata, spec }) => [
        fullHost(metadata.name, metadata.namespace ?? 'default'),
        (spec.externalName ?? '').replace(/\.$/, ''),
      ]),
  );
  if (targets.size === 0) return services;
  const aliases = Map.groupBy(targets.keys(), (host) => endOf(host, targets));
  return services.map((service) => {
    const own = aliases.get(service.host);
    return own ? { ...service, aliases: own.toSorted() } : service;
  });
}

function endOf(host: string, targets: ReadonlyMap<string, string>): string {
  let end = host;
  for (let step = 0; step < CHAIN_LIMIT; step++) {
    const next = targets.get(end);
    if (next === undefined) break;
    end = next;
  }
  return end;
}
