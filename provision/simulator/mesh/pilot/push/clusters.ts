import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { Cluster, DiscoveryType } from '../../xds/cluster.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshService, Resolution } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import type { Scope } from './scope.ts';
import { applyRules, subsetsOf } from './traffic-policy.ts';

export const PASSTHROUGH = 'PassthroughCluster';
export const BLACK_HOLE = 'BlackHoleCluster';
export const INBOUND_PASSTHROUGH = 'InboundPassthroughCluster';

/** Envoy's name of the cluster for a service's port, or a subset of it. */
export function outboundName(host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}

export function inboundName(port: number): string {
  return `inbound|${port}||`;
}

/**
 * Clusters of a proxy, made when they are asked for by name. undefined for one that istiod would not send: no such service,
 * port or subset.
 */
export function clusterNamed(name: string, scope: Scope, node: ProxyNode): Cluster | undefined {
  const known = FIXED[name];
  if (known) return known;
  const [direction = '', port = '', subset = '', host = ''] = name.split('|');
  if (direction === 'outbound')
    return sharedCluster(name, scope, { host, port: Number(port), subset });
  return direction === 'inbound' ? inboundCluster(name, Number(port), node) : undefined;
}

/** Names of all clusters that a proxy is sent for the services it sees. */
export function outboundNames(scope: Scope): readonly string[] {
  return scope.services.flatMap(({ host, namespace, ports }) => {
    const subsets = ['', ...subsetsOf(scope.rulesFor(host, namespace))];
    return ports
      .filter(({ protocol }) => protocol !== 'UDP')
      .flatMap(({ number }) => subsets.map((subset) => outboundName(host, number, subset)));
  });
}

const FIXED: Readonly<Record<string, Cluster>> = {
  [PASSTHROUGH]: fixed(PASSTHROUGH, 'ORIGINAL_DST'),
  [INBOUND_PASSTHROUGH]: fixed(INBOUND_PASSTHROUGH, 'ORIGINAL_DST'),
  [BLACK_HOLE]: fixed(BLACK_HOLE, 'STATIC'),
};

function fixed(name: string, type: DiscoveryType): Cluster {
  return { name, type, host: '', port: 0, subset: '', endpoints: [], policy: {}, rule: '' };
}

/** What a cluster holds depends on the rules that were found for the client, and not on the client itself. */
const shared = new WeakMap<MeshSnapshot, Map<string, Cluster | undefined>>();

interface OutboundKey {
  readonly host: string;
  readonly port: number;
  readonly subset: string;
}

function sharedCluster(name: string, scope: Scope, key: OutboundKey): Cluster | undefined {
  let known = shared.get(scope.mesh);
  if (!known) {
    known = new Map();
    shared.set(scope.mesh, known);
  }
  const service = scope.service(key.host);
  if (!service) return undefined;
  const rules = scope.rulesFor(service.host, service.namespace);
  const fullName = `${name} ${service.namespace} ${rules[0]?.metadata.namespace ?? ''}`;
  if (!known.has(fullName)) known.set(fullName, outboundCluster(name, service, scope, key));
  return known.get(fullName);
}

function outboundCluster(
  name: string,
  service: MeshService,
  scope: Scope,
  { port: number, subset }: OutboundKey,
): Cluster | undefined {
  const port = service.ports.find((one) => one.number === number);
  const applied = applyRules(scope.rulesFor(service.host, service.namespace), number, subset);
  if (!port || !applied) return undefined;
  const { policy, labels, rule } = applied;
  return {
    name,
    type:
      policy.loadBalancer?.simple === 'PASSTHROUGH' ? 'ORIGINAL_DST' : TYPES[service.resolution],
    host: service.host,
    port: number,
    subset,
    endpoints:
      subset === ''
        ? port.endpoints
        : port.endpoints.filter((endpoint) => matchesLabels(labels, endpoint.labels)),
    ...(service.names && {
      names: service.names.map((one) => ({ name: one.name, port: one.ports[number] ?? number })),
    }),
    policy,
    rule,
    isExternal: service.isExternal,
  };
}

const TYPES: Readonly<Record<Resolution, DiscoveryType>> = {
  CLIENT_SIDE: 'EDS',
  DNS: 'STRICT_DNS',
  DNS_ROUND_ROBIN: 'LOGICAL_DNS',
  DYNAMIC_DNS: 'LOGICAL_DNS',
  PASSTHROUGH: 'ORIGINAL_DST',
};

function inboundCluster(name: string, port: number, node: ProxyNode): Cluster {
  const endpoint = { ip: node.ip, port, labels: {}, workload: undefined, hasSidecar: false };
  return {
    name,
    type: 'ORIGINAL_DST',
    host: '',
    port,
    subset: '',
    endpoints: [endpoint],
    policy: {},
    rule: '',
  };
}
