import { asJson } from '../../../kinds/json.ts';
import type { Json, JsonObject, KubeObject } from '../../../kinds/object.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import type { ConnectedProxy, Discovery } from '../discovery.ts';
import { ProxyConfiguration } from '../push/proxy-configuration.ts';
import type { MeshSnapshot } from '../snapshot.ts';

/** What istiod's debug pages tell of. */
export interface DebugSubject {
  readonly discovery: Discovery;
  /** The injector's template and values, as the ConfigMap has them; undefined: there is none. */
  readonly injector: () => JsonObject | undefined;
  readonly clusterId: string;
}

const TYPE = 'type.googleapis.com/envoy';
/** The kinds of configuration, their types in xDS and their fields in what `syncz` says. */
const TYPES = {
  cluster: `${TYPE}.config.cluster.v3.Cluster`,
  listener: `${TYPE}.config.listener.v3.Listener`,
  route: `${TYPE}.config.route.v3.RouteConfiguration`,
  endpoint: `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`,
} as const;

/** Which proxies are connected, and whether they have taken what they were sent. */
export function syncz({ discovery, clusterId }: DebugSubject, namespace: string): Json {
  return discovery
    .proxies()
    .filter(({ node }) => namespace === '' || node.namespace === namespace)
    .toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
    .map((proxy) => syncStatus(proxy, watchedBy(discovery.snapshot, proxy), clusterId));
}

type Kind = keyof typeof TYPES;

/** A proxy asks for routes only when a listener names some. */
function watchedBy(snapshot: MeshSnapshot, { node }: ConnectedProxy): readonly Kind[] {
  if (node.type === 'sidecar') return ['cluster', 'listener', 'route', 'endpoint'];
  const hasRoutes = new ProxyConfiguration(snapshot, node).routeConfigurations().length > 0;
  return hasRoutes
    ? ['cluster', 'listener', 'route', 'endpoint']
    : ['cluster', 'listener', 'endpoint'];
}

function syncStatus(proxy: ConnectedProxy, kinds: readonly Kind[], clusterId: string): JsonObject {
  const nonce = nonceOf(proxy);
  const sentTime = new Date(proxy.sentMs).toISOString();
  const resource = { sent: nonce, acked: nonce, sent_time: sentTime };
  return {
    cluster_id: clusterId,
    proxy: idOf(proxy),
    proxy_type: proxy.node.type,
    istio_version: ISTIO_VERSION,
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`${kind}_sent`, nonce],
        [`${kind}_acked`, nonce],
      ]),
    ),
    resources: Object.fromEntries(kinds.map((kind) => [TYPES[kind], resource])),
  };
}

function idOf({ node }: ConnectedProxy): string {
  return `${node.name}.${node.namespace}`;
}

function nonceOf({ version }: ConnectedProxy): string {
  return `v${version}`;
}

/** The streams by which proxies are connected. */
export function connections({ discovery }: DebugSubject): Json {
  const clients = discovery.proxies().map((proxy, index) => ({
    connectionId: `${idOf(proxy)}-${index + 1}`,
    connectedAt: new Date(proxy.connectedMs).toISOString(),
    address: `${proxy.node.ip}:15012`,
  }));
  return clients.length === 0 ? { totalClients: 0 } : { totalClients: clients.length, clients };
}

/** Istio's objects as istiod knows them. */
export function configz({ discovery }: DebugSubject): Json {
  const { snapshot } = discovery;
  const lists: readonly (readonly KubeObject[])[] = [
    snapshot.authorizationPolicies,
    snapshot.destinationRules,
    snapshot.envoyFilters,
    snapshot.gateways,
    snapshot.peerAuthentications,
    snapshot.requestAuthentications,
    snapshot.sidecars,
    snapshot.telemetries,
    snapshot.virtualServices,
  ];
  return lists.flat().map((object) => asJson(object));
}

/** Authorization policies by namespace. */
export function authorizationz({ discovery }: DebugSubject): Json {
  const { snapshot } = discovery;
  const byNamespace: Record<string, Json> = {};
  const groups = Map.groupBy(
    snapshot.authorizationPolicies,
    ({ metadata }) => metadata.namespace ?? '',
  );
  for (const [namespace, policies] of groups) {
    byNamespace[namespace] = policies.map(({ metadata, spec }) => ({
      name: metadata.name,
      namespace,
      annotations: metadata.annotations ?? null,
      spec: asJson(spec ?? {}),
    }));
  }
  return {
    authorization_policies: {
      namespace_to_policies: byNamespace,
      root_namespace: snapshot.config.rootNamespace,
    },
  };
}

/** The services that istiod tells proxies of. */
export function registryz({ discovery }: DebugSubject): Json {
  return discovery.snapshot.services.map((service) => ({
    Attributes: {
      ServiceRegistry: service.source === 'Kubernetes' ? 'Kubernetes' : 'External',
      Name: service.name,
      Namespace: service.namespace,
      ExportTo: [...service.exportTo],
    },
    ports: service.ports.map(({ number, name, protocol }) => ({ name, port: number, protocol })),
    creationTime: service.createdAt,
    hostname: service.host,
    defaultAddress: service.addresses[0] ?? '0.0.0.0',
    Resolution: RESOLUTIONS[service.resolution],
    MeshExternal: service.isExternal,
  }));
}

/** As numbers, in which Go prints them. */
const RESOLUTIONS = {
  CLIENT_SIDE: 0,
  DNS: 1,
  PASSTHROUGH: 2,
  DNS_ROUND_ROBIN: 3,
  DYNAMIC_DNS: 5,
} as const;

/** Endpoints by host and namespace. */
export function endpointz({ discovery, clusterId }: DebugSubject): Json {
  const byHost: Record<string, Record<string, Json>> = {};
  for (const { host, namespace, ports } of discovery.snapshot.services) {
    const endpoints = ports.flatMap(({ name, endpoints: own }) =>
      own.map((endpoint) => ({ ...asJson(endpoint), ServicePortName: name })),
    );
    byHost[host] = {
      ...byHost[host],
      [namespace]: { Shards: { [`Kubernetes/${clusterId}`]: endpoints }, ServiceAccounts: {} },
    };
  }
  return byHost;
}

/** The mesh configuration in force. */
export function mesh({ discovery }: DebugSubject): Json {
  const { written, rootNamespace, trustDomain } = discovery.config;
  return { ...written, rootNamespace, trustDomain };
}
