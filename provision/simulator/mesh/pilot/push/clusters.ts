import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { ConnectionPoolSettings } from '../../istio/destination-rule.ts';
import type { Cluster, DiscoveryType } from '../../xds/cluster.ts';
import { Derived } from '../derived.ts';
import { CONNECT_TIMEOUT_MS } from '../mesh-config.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshPort, MeshService, Resolution } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import type { InboundPort } from './inbound.ts';
import type { Scope } from './scope.ts';
import { policiesOfEndpoints, withMutualTls } from './security/mutual-tls.ts';
import { sidecarFor } from './sidecars.ts';
import { type AppliedRule, applyRules, subsetsOf } from './traffic-policy.ts';

export const PASSTHROUGH = 'PassthroughCluster';
export const BLACK_HOLE = 'BlackHoleCluster';
export const INBOUND_PASSTHROUGH = 'InboundPassthroughCluster';

/** Envoy's name of the cluster for a service's port, or a subset of it. */
export function outboundName(host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** Envoy's name of the cluster for a port of the pod itself. */
export function inboundName(port: number): string {
  return `inbound|${port}||`;
}

/** Name of the cluster that a gateway hands mutual TLS on to by its SNI (AUTO_PASSTHROUGH), which is also that SNI. */
export function sniName(host: string, port: number, subset = ''): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

/** The proxy for which a cluster is made, with the ports of its pod. */
export interface ClusterClient {
  readonly scope: Scope;
  readonly node: ProxyNode;
  readonly inboundPort: (port: number) => InboundPort | undefined;
}

/**
 * Clusters of a proxy, made when they are asked for by name. undefined for one that istiod would not send: no such service,
 * port or subset.
 */
export function clusterNamed(name: string, client: ClusterClient): Cluster | undefined {
  const known = FIXED[name];
  if (known) return known;
  const [direction = '', port = '', subset = '', host = ''] = name.split('|');
  if (direction === 'outbound') {
    return sharedCluster(name, client.scope, { host, port: Number(port), subset });
  }
  const [, sniPort, sniSubset = '', sniHost = ''] =
    /^outbound_\.(\d+)_\.(.*?)_\.(.+)$/.exec(name) ?? [];
  if (sniPort !== undefined) {
    const key = { host: sniHost, port: Number(sniPort), subset: sniSubset };
    const same = outboundName(key.host, key.port, key.subset);
    return sniCluster(name, sharedCluster(same, client.scope, key));
  }
  return direction === 'inbound' ? inboundCluster(name, Number(port), client) : undefined;
}

/** Names of all clusters that a proxy is sent for the services it sees, or for some of them. */
export function outboundNames(
  scope: Scope,
  { services = scope.services, name = outboundName }: NamesOptions = {},
): readonly string[] {
  return services.flatMap(({ host, namespace, ports }) => {
    const subsets = ['', ...subsetsOf(scope.rulesFor(host, namespace))];
    return ports
      .filter(({ protocol }) => protocol !== 'UDP')
      .flatMap(({ number }) => subsets.map((subset) => name(host, number, subset)));
  });
}

interface NamesOptions {
  readonly services?: readonly MeshService[];
  /** How a cluster is called. */
  readonly name?: typeof outboundName;
}

const FIXED: Readonly<Record<string, Cluster>> = {
  [PASSTHROUGH]: fixed(PASSTHROUGH, 'ORIGINAL_DST'),
  [INBOUND_PASSTHROUGH]: fixed(INBOUND_PASSTHROUGH, 'ORIGINAL_DST'),
  [BLACK_HOLE]: fixed(BLACK_HOLE, 'STATIC'),
};

function fixed(name: string, type: DiscoveryType): Cluster {
  return { name, type, host: '', port: 0, subset: '', endpoints: [], policy: {}, rule: '' };
}

/** What a cluster holds depends on what its clients see, and not on the client itself. */
const shared = new WeakMap<Scope, Map<string, Cluster | undefined>>();

/** What was made of a service's port in an earlier snapshot; the same as long as service and rule are the same. */
const remembered = new WeakMap<MeshPort, Map<string, Derived<Cluster | undefined>>>();

interface OutboundKey {
  readonly host: string;
  readonly port: number;
  readonly subset: string;
}

function sharedCluster(name: string, scope: Scope, key: OutboundKey): Cluster | undefined {
  let known = shared.get(scope);
  if (!known) shared.set(scope, (known = new Map()));
  if (!known.has(name)) known.set(name, knownCluster(name, scope, key));
  return known.get(name);
}

function knownCluster(name: string, scope: Scope, key: OutboundKey): Cluster | undefined {
  const service = scope.service(key.host);
  const port = service?.ports.find(({ number }) => number === key.port);
  if (!service || !port) return undefined;
  const rules = scope.rulesFor(service.host, service.namespace);
  let clusters = remembered.get(port);
  if (!clusters) remembered.set(port, (clusters = new Map()));
  const { mesh } = scope;
  const from = [service, scope.viewer.type, mesh.config, ...rules, ...policiesOfEndpoints(mesh)];
  let cluster = clusters.get(name);
  if (!cluster) clusters.set(name, (cluster = new Derived()));
  return cluster.of(from, () => {
    const applied = applyRules(rules, key.port, key.subset);
    return applied && outboundCluster(name, { service, port, scope }, { ...applied, ...key });
  });
}

function outboundCluster(
  name: string,
  {
    service,
    port,
    scope,
  }: { readonly service: MeshService; readonly port: MeshPort; readonly scope: Scope },
  { policy, labels, rule, subset }: AppliedRule & { readonly subset: string },
): Cluster {
  const isChosen = (one: Parameters<typeof matchesLabels>[1]) =>
    subset === '' || matchesLabels(labels, one);
  return {
    name,
    type: typeOf(service, policy.loadBalancer?.simple, scope),
    host: service.host,
    port: port.number,
    subset,
    endpoints: withMutualTls(
      subset === '' ? port.endpoints : port.endpoints.filter((one) => isChosen(one.labels)),
      scope.mesh,
      policy.tls,
    ),
    ...(service.names && {
      names: service.names
        .filter((one) => isChosen(one.labels))
        .map((one) => ({ name: one.name, port: one.ports[port.number] ?? port.number })),
    }),
    policy: withDefaults(policy, service, scope.mesh),
    rule,
    isExternal: service.isExternal,
    ...(speaksHttp2(port, policy, scope.mesh) && { isHttp2: true }),
  };
}

const HTTP2: ReadonlySet<string> = new Set(['HTTP2', 'GRPC', 'GRPC-Web']);

/** h2UpgradePolicy of the rule, else of the mesh, goes for ports with HTTP/1.1. */
function speaksHttp2(
  { protocol }: MeshPort,
  { connectionPool }: Cluster['policy'],
  { config }: MeshSnapshot,
): boolean {
  if (HTTP2.has(protocol)) return true;
  const own = connectionPool?.http?.h2UpgradePolicy ?? 'DEFAULT';
  const upgrades = own === 'DEFAULT' ? config.upgradesToHttp2 : own === 'UPGRADE';
  return upgrades && protocol === 'HTTP';
}

/** Names that a ServiceEntry says the server bears are asked for when TLS is originated. */
function withDefaults(
  policy: Cluster['policy'],
  { subjectAltNames }: MeshService,
  { config }: MeshSnapshot,
): Cluster['policy'] {
  const { connectionPool, tls } = policy;
  const own = connectionPool?.tcp?.connectTimeout;
  const limit =
    config.connectTimeoutMs === CONNECT_TIMEOUT_MS ? undefined : config.connectTimeoutMs;
  return {
    ...policy,
    ...(own === undefined &&
      limit !== undefined && {
        connectionPool: {
          ...connectionPool,
          tcp: { ...connectionPool?.tcp, connectTimeout: `${limit}ms` },
        },
      }),
    ...(tls && subjectAltNames && !tls.subjectAltNames && { tls: { ...tls, subjectAltNames } }),
  };
}

function typeOf(
  { resolution }: MeshService,
  simple: string | undefined,
  { viewer }: Scope,
): DiscoveryType {
  if (simple === 'PASSTHROUGH' && resolution === 'CLIENT_SIDE') return 'ORIGINAL_DST';
  // Nothing says where a request that reached a gateway was meant to go.
  if (resolution === 'PASSTHROUGH' && viewer.type === 'router') return 'EDS';
  return TYPES[resolution];
}

const TYPES: Readonly<Record<Resolution, DiscoveryType>> = {
  CLIENT_SIDE: 'EDS',
  DNS: 'STRICT_DNS',
  DNS_ROUND_ROBIN: 'LOGICAL_DNS',
  DYNAMIC_DNS: 'DYNAMIC_FORWARD_PROXY',
  PASSTHROUGH: 'ORIGINAL_DST',
};

/** The same endpoints, to which TLS of others is handed on as it is. */
function sniCluster(name: string, cluster: Cluster | undefined): Cluster | undefined {
  return cluster && { ...cluster, name, policy: { ...cluster.policy, tls: { mode: 'DISABLE' } } };
}

function inboundCluster(name: string, port: number, client: ClusterClient): Cluster {
  const inbound = client.inboundPort(port);
  const { ip, port: endpointPort } = inbound?.application ?? { ip: client.node.ip, port };
  const connectionPool = inboundPool(port, inbound, client);
  return {
    name,
    type: inbound?.application ? 'STATIC' : 'ORIGINAL_DST',
    host: '',
    port,
    subset: '',
    endpoints: [{ ip, port: endpointPort, labels: {}, workload: undefined, hasSidecar: false }],
    policy: connectionPool ? { connectionPool } : {},
    rule: '',
  };
}

/** Limits hold on both sides: what the Sidecar says of connections, or the service's rule, goes for the server as well. */
function inboundPool(
  port: number,
  inbound: InboundPort | undefined,
  { scope, node }: ClusterClient,
): ConnectionPoolSettings | undefined {
  const spec = sidecarFor(scope.mesh, node)?.spec;
  const ingress = spec?.ingress?.find((one) => one.port?.number === port);
  const own = ingress?.connectionPool ?? spec?.inboundConnectionPool;
  const { service, servicePort } = inbound ?? {};
  if (own || !service) return own;
  const rules = scope.rulesFor(service.host, service.namespace);
  const general = rules.filter((rule) => !rule.spec?.workloadSelector);
  return applyRules(general, servicePort?.number ?? port, '')?.policy.connectionPool;
}
