import { at, listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { fullHost } from '../../../../mesh/hosts.ts';
import { textAt } from '../../../install/tree.ts';
import { partOf } from '../proxy-config/admin.ts';
import type { Subject } from './subject.ts';

/** The Istio object behind a part of a proxy's configuration. */
export interface Origin {
  readonly name: string;
  readonly namespace: string;
}

const TITLES = {
  destinationrules: 'destination rule',
  virtualservices: 'virtual service',
} as const;

/** The object itself; says so when it has gone and the proxy does not know yet. */
export async function originIn(
  subject: Subject,
  plural: keyof typeof TITLES,
  origin: Origin | undefined,
): Promise<JsonObject | undefined> {
  if (!origin) return undefined;
  const found = await subject.find(plural, origin.name, origin.namespace);
  if (!found) {
    subject.say(
      `WARNING: Proxy is stale; it references to non-existent ${TITLES[plural]} ${origin.name}.${origin.namespace}`,
    );
  }
  return found;
}

function originOf(configured: Json, kind: string): Origin | undefined {
  const path = textAt(configured, 'metadata', 'filter_metadata', 'istio', 'config');
  const [, namespace, found, name] =
    /^\/apis\/networking(?:\.istio\.io)?\/[^/]+\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(
      path,
    ) ?? [];
  return found === kind && namespace !== undefined && name !== undefined
    ? { name, namespace }
    : undefined;
}

/** The DestinationRule that the proxy heeds when it sends to a port of a service. */
export function ruleNameFor(
  dump: JsonObject,
  service: JsonObject,
  port: number,
): Origin | undefined {
  const host = hostOf(service);
  const cluster = listAt(partOf(dump, 'Clusters'), 'dynamic_active_clusters')
    .map((entry) => objectAt(entry, 'cluster'))
    .find((one) => {
      const name = textAt(one, 'name');
      return (
        name.startsWith('outbound|') && name.includes(`|${port}|`) && name.endsWith(`|${host}`)
      );
    });
  return cluster && originOf(cluster, 'destination-rule');
}

/** The VirtualService by which the proxy routes to a port of a service. */
export function virtualServiceNameFor(
  dump: JsonObject,
  service: JsonObject,
  port: number,
): Origin | undefined {
  for (const entry of listAt(partOf(dump, 'Routes'), 'dynamic_route_configs')) {
    const config = objectAt(entry, 'route_config');
    const name = textAt(config, 'name');
    if (name !== String(port) && !/^https?\./.test(name)) continue;
    for (const host of listAt(config, 'virtual_hosts')) {
      const route = listAt(host, 'routes').find((one) => leadsTo(one, { host, service, port }));
      if (route !== undefined) return originOf(route, 'virtual-service');
    }
  }
  return undefined;
}

interface Destination {
  readonly host: Json;
  readonly service: JsonObject;
  readonly port: number;
}

function leadsTo(route: Json, { host, service, port }: Destination): boolean {
  const full = hostOf(service);
  if (listAt(host, 'domains').includes(full)) return true;
  const [first] = listAt(route, 'route', 'weighted_clusters', 'clusters');
  const cluster = textAt(at(route, 'route', 'cluster')) || textAt(first, 'name');
  return cluster.startsWith(`outbound|${port}|`) && cluster.endsWith(`|${full}`);
}

/** `reviews.default.svc.cluster.local` */
export function hostOf(service: JsonObject): string {
  return fullHost(textAt(service, 'metadata', 'name'), textAt(service, 'metadata', 'namespace'));
}
