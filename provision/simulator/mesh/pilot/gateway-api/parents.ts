import { covers, fullHost, matchesHost, overlaps } from '../../hosts.ts';
import type { Problem } from './conditions.ts';
import { GATEWAY_GROUP, type ParentReference, type RouteObject } from './kinds.ts';
import type { Parent } from './listeners.ts';
import { type GatewayApiObjects, isNamed } from './objects.ts';

/** A parent that a route names, or one of its listeners. */
export interface RouteParent {
  readonly reference: ParentReference;
  /** `mesh`, or Istio's Gateway for the listener. */
  readonly internalName: string;
  /** Hosts that the route has there. */
  readonly hosts: readonly string[];
  /** For parents that are services: the port that is routed; undefined: all. */
  readonly port?: number;
  /** Why the route is not taken. */
  readonly denied?: Problem;
}

/** What routes can be bound to. */
export interface Parents {
  /** Listeners of Istio's Gateways by `namespace/name`. */
  readonly gateways: ReadonlyMap<string, readonly Parent[]>;
  readonly objects: GatewayApiObjects;
}

/** A route, and of which kind it is. */
export interface BoundRoute {
  readonly route: RouteObject<unknown>;
  readonly kind: string;
}

/** Each listener or service that a route names, with the hosts that it has there, or why it has none. */
export function parentsOf(bound: BoundRoute, parents: Parents): readonly RouteParent[] {
  return (bound.route.spec?.parentRefs ?? []).flatMap((reference): readonly RouteParent[] => {
    const { group = GATEWAY_GROUP, kind = 'Gateway' } = reference;
    if (group === '' && kind === 'Service') return [serviceParent(bound, reference, parents)];
    if (group === 'networking.istio.io' && kind === 'ServiceEntry') {
      return [entryParent(bound, reference, parents)];
    }
    if (group !== GATEWAY_GROUP || kind !== 'Gateway') return [];
    const own = bound.route.metadata.namespace ?? 'default';
    const listeners = parents.gateways.get(`${reference.namespace ?? own}/${reference.name}`) ?? [];
    return listeners.map((parent) => listenerParent(bound, reference, { parent, listeners }));
  });
}

function serviceParent(
  { route }: BoundRoute,
  reference: ParentReference,
  { objects }: Parents,
): RouteParent {
  const { name, namespace = route.metadata.namespace ?? 'default' } = reference;
  const isKnown = objects.services.some(isNamed(name, namespace));
  const missing = isKnown ? undefined : `parent service: "${name}" not found`;
  return meshParent(reference, [fullHost(name, namespace)], missing);
}

function entryParent(
  { route }: BoundRoute,
  reference: ParentReference,
  { objects }: Parents,
): RouteParent {
  const { name, namespace = route.metadata.namespace ?? 'default' } = reference;
  const entry = objects.serviceEntries.find(isNamed(name, namespace));
  const missing = entry ? undefined : `parent service entry: "${name}" not found`;
  return meshParent(reference, entry?.spec?.hosts ?? [], missing);
}

function meshParent(
  reference: ParentReference,
  hosts: readonly string[],
  missing: string | undefined,
): RouteParent {
  return {
    reference,
    internalName: 'mesh',
    hosts,
    ...(reference.port !== undefined && { port: reference.port }),
    ...(missing !== undefined && { denied: { reason: 'NoMatchingParent', message: missing } }),
  };
}

function listenerParent(
  bound: BoundRoute,
  reference: ParentReference,
  { parent, listeners }: { readonly parent: Parent; readonly listeners: readonly Parent[] },
): RouteParent {
  const denied = denialOf(bound, reference, parent);
  const wanted = bound.route.spec?.hostnames?.length ? bound.route.spec.hostnames : ['*'];
  return {
    reference,
    internalName: parent.internalName,
    hosts: denied ? [] : wanted.filter((host) => isLeftTo(host, parent, listeners)),
    ...(denied && { denied }),
  };
}

function denialOf(
  { route, kind }: BoundRoute,
  { port, sectionName }: ParentReference,
  { listener, hosts, kinds }: Parent,
): Problem | undefined {
  const { namespace = 'default' } = route.metadata;
  if (port !== undefined && port !== listener.port) {
    return { reason: 'NoMatchingParent', message: `port ${port} not found` };
  }
  if (sectionName !== undefined && sectionName !== listener.name) {
    return { reason: 'NoMatchingParent', message: `sectionName "${sectionName}" not found` };
  }
  const wanted = route.spec?.hostnames?.length ? route.spec.hostnames : ['*'];
  const pairs = hosts.map((host) => host.split('/'));
  const fits = (host: string | undefined) => wanted.some((one) => hostsOverlap(host ?? '', one));
  const matching = pairs.filter(([, host]) => fits(host));
  if (matching.length === 0) {
    return {
      reason: 'NoMatchingListenerHostname',
      message: `no hostnames matched parent hostname "${listener.hostname ?? ''}"`,
    };
  }
  if (!matching.some(([from]) => from === '*' || from === namespace)) {
    return {
      reason: 'NotAllowedByListeners',
      message: `hostnames matched parent hostname "${listener.hostname ?? ''}", but namespace "${namespace}" is not allowed by the parent`,
    };
  }
  if (kinds.some((one) => one.kind === kind)) return undefined;
  return {
    reason: 'NotAllowedByListeners',
    message: `kind ${GATEWAY_GROUP}/v1, Kind=${kind} is not allowed`,
  };
}

function hostsOverlap(one: string, other: string): boolean {
  return one === '*' || other === '*' || overlaps(one, other);
}

/** Of listeners on one port the most specific has a host for itself. */
function isLeftTo(host: string, { listener }: Parent, listeners: readonly Parent[]): boolean {
  const own = listener.hostname ?? '*';
  if (!own.startsWith('*')) return hostsOverlap(own, host);
  if (!hostsOverlap(own, host)) return false;
  return !listeners.some(({ listener: other }) => {
    const name = other.hostname ?? '*';
    const isRival = other !== listener && other.port === listener.port && name !== own;
    const isCloser = name.length > own.length && (covers(own, name) || own === '*');
    return isRival && isCloser && matchesHost(name, host);
  });
}
