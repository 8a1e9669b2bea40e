import type { NewObject } from '../../client/client.ts';
import type { Labels } from '../../kinds/object.ts';
import type { ProxyNode } from '../pilot/node.ts';
import { ProxyConfiguration } from '../pilot/push/proxy-configuration.ts';
import { WatchedMesh } from '../pilot/watch/watched-mesh.ts';
import type { FilterChain, HttpConnectionManager, TcpProxy } from '../xds/listener.ts';
import type { Route, RouteConfiguration, WeightedCluster } from '../xds/route.ts';
import { Tables } from './tables.ts';

export interface PushOptions {
  readonly node?: Partial<ProxyNode>;
  /** The mesh's own settings, as in the ConfigMap. */
  readonly mesh?: object;
}

/** What istiod would tell a proxy (default: a sidecar in namespace `default` with the label `app: client`) in a mesh of these objects. */
export function configurationOf(
  objects: readonly NewObject[],
  { node = {}, mesh = {} }: PushOptions = {},
): ProxyConfiguration {
  const client = new Tables();
  client.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(mesh) },
  });
  for (const object of objects) client.put(object);
  using watched = new WatchedMesh({
    client,
    istioNamespace: 'istio-system',
    revision: 'default',
    onChange: () => undefined,
  });
  return new ProxyConfiguration(watched.take(1), { ...CLIENT, ...node });
}

const CLIENT: ProxyNode = {
  type: 'sidecar',
  ip: '10.244.1.9',
  name: 'client',
  namespace: 'default',
  labels: { app: 'client' },
  annotations: {},
  serviceAccount: 'default',
  ports: {},
  capturesDns: false,
};

/** An object of Istio's networking API in namespace `default`, or `namespace/name`. */
export function istio(kind: string, name: string, spec: object, created = 0): NewObject {
  const [namespace, own] = name.includes('/') ? name.split('/') : ['default', name];
  return {
    apiVersion: kind === 'EnvoyFilter' ? 'networking.istio.io/v1alpha3' : 'networking.istio.io/v1',
    kind,
    metadata: {
      name: own ?? '',
      namespace: namespace ?? '',
      creationTimestamp: `2026-01-01T00:00:0${created}Z`,
    },
    spec,
  };
}

export interface ServiceOptions {
  readonly namespace?: string;
  /** `None` for a headless one. */
  readonly ip?: string;
  /** Addresses of its pods. */
  readonly pods?: readonly string[];
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly created?: number;
}

/** A Kubernetes Service with ports by name (`{ http: 8000 }`), and its EndpointSlice. */
export function service(
  name: string,
  ports: Readonly<Record<string, number>>,
  {
    namespace = 'default',
    ip = '10.96.1.1',
    pods = [],
    annotations = {},
    created = 0,
  }: ServiceOptions = {},
): readonly NewObject[] {
  const listed = Object.entries(ports).map(([portName, port]) => ({ name: portName, port }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace,
        annotations,
        creationTimestamp: `2026-01-01T00:00:0${created}Z`,
      },
      spec: { type: 'ClusterIP', clusterIP: ip, ports: listed },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: listed,
      endpoints: pods.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    },
  ];
}

/** Listeners as `istioctl proxy-config listener` would list them, a line for each chain; without those that every proxy has. */
export function listenerLines({ listeners }: ProxyConfiguration): readonly string[] {
  return listeners
    .filter(({ name }) => !name.startsWith('virtual'))
    .flatMap(({ name, chains, defaultChain }) =>
      [...chains, ...(defaultChain ? [{ ...defaultChain, name: 'default' }] : [])].map(
        (chain) => `${name} ${matchText(chain)} → ${filterText(chain.filter)}`,
      ),
    );
}

function matchText({ match, tls, name }: FilterChain): string {
  const parts = [
    ...(match.prefixRanges ?? []),
    ...(match.serverNames ? [`SNI ${match.serverNames.join(',')}`] : []),
    ...(match.applicationProtocols ? [match.applicationProtocols.join(',')] : []),
    ...(tls ? [tls.type === 'istio' ? 'mTLS' : `TLS ${tls.settings.mode}`] : []),
  ];
  if (name === 'default') return 'else';
  return parts.length > 0 ? parts.join(' ') : 'ALL';
}

function filterText(filter: HttpConnectionManager | TcpProxy): string {
  if (filter.type === 'tcp') return clustersText(filter.clusters);
  return typeof filter.routes === 'string' ? `routes ${filter.routes}` : filter.routes.name;
}

function clustersText(clusters: readonly WeightedCluster[]): string {
  const [only] = clusters;
  if (clusters.length === 1 && only) return only.cluster;
  return clusters.map(({ cluster, weight }) => `${weight}% ${cluster}`).join(', ');
}

/** Routes as `istioctl proxy-config route` would list them, a line for each. */
export function routeLines({ virtualHosts }: RouteConfiguration): readonly string[] {
  return virtualHosts.flatMap(({ name, domains, routes, requiresTls }) => {
    const where = `${name} [${domains.join(' ')}]${requiresTls ? ' TLS' : ''}`;
    if (routes.length === 0) return [`${where} nothing`];
    return routes.map((route) => `${where} ${pathText(route)} → ${actionText(route)}`);
  });
}

function pathText({ match: { path, headers } }: Route): string {
  const stars = { exact: '', prefix: '*', segments: '/*', regex: ' (regex)' }[path.type];
  return `${path.value}${stars}${headers.map(({ name }) => ` +${name}`).join('')}`;
}

function actionText({ action }: Route): string {
  if (action.type === 'route') return clustersText(action.clusters);
  return action.type === 'redirect'
    ? `redirect ${action.redirectCode ?? 301}`
    : String(action.status);
}
