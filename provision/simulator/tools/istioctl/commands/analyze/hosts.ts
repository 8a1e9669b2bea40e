import { listAt } from '../../../../kinds/json.ts';
import { textAt } from '../../../install/tree.ts';
import type { World } from './world.ts';

/** Whether a host means a Service or a ServiceEntry, seen from a namespace. */
export function isKnownHost(world: World, host: string, namespace: string): boolean {
  if (host.includes('*')) return true;
  const service = serviceOf(host, namespace);
  if (service && world.find('Service', service.namespace, service.name)) return true;
  return world
    .all('ServiceEntry')
    .some((entry) =>
      listAt(entry.object, 'spec', 'hosts').some((pattern) => matches(textAt(pattern), host)),
    );
}

/** The Service a host stands for: `reviews`, `reviews.default`, with `.svc` and the cluster's domain. */
export function serviceOf(
  host: string,
  namespace: string,
): { readonly name: string; readonly namespace: string } | undefined {
  const [name = '', within = namespace, svc = 'svc', ...domain] = host.split('.');
  if (svc !== 'svc') return undefined;
  if (domain.length > 0 && domain.join('.') !== 'cluster.local') return undefined;
  return { name, namespace: within };
}

/** Whether two hosts, each seen from its own namespace, mean the same. */
export function isSameHost(
  one: { readonly host: string; readonly namespace: string },
  other: { readonly host: string; readonly namespace: string },
): boolean {
  const first = serviceOf(one.host, one.namespace);
  const second = serviceOf(other.host, other.namespace);
  if (!first || !second) return one.host === other.host;
  return first.name === second.name && first.namespace === second.namespace;
}

function matches(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  return pattern.startsWith('*') && host.endsWith(pattern.slice(1));
}
