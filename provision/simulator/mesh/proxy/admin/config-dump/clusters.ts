import type { JsonObject } from '../../../../kinds/object.ts';
import type { ConnectionPoolSettings, OutlierDetection } from '../../../istio/destination-rule.ts';
import { parseDurationMs } from '../../../istio/duration.ts';
import type { Cluster } from '../../../xds/cluster.ts';
import { serverNameOf } from '../../upstream/upstream.ts';
import { PROXY_PORTS } from '../proxy-ports.ts';
import {
  ADS,
  duration,
  extension,
  istioMetadata,
  origin,
  present,
  socketAddress,
  typed,
} from './json.ts';

const UNLIMITED = 4_294_967_295;
const CONNECT_TIMEOUT_MS = 10_000;
const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const TLS_NAME = 'envoy.transport_sockets.tls';

/** A cluster in Envoy's own form (config.cluster.v3.Cluster). */
function clusterJson(cluster: Cluster): JsonObject {
  const { name, type, policy } = cluster;
  const isOutbound = name.startsWith('outbound|');
  const { loadBalancer, connectionPool, outlierDetection } = policy;
  return present({
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name,
    ...(type === 'DYNAMIC_FORWARD_PROXY'
      ? { cluster_type: { name: 'envoy.clusters.dynamic_forward_proxy' } }
      : { type }),
    ...(type === 'EDS' && {
      eds_cluster_config: { eds_config: ADS, service_name: name },
    }),
    connect_timeout: duration(
      parseDurationMs(connectionPool?.tcp?.connectTimeout) ?? CONNECT_TIMEOUT_MS,
    ),
    lb_policy:
      type === 'ORIGINAL_DST' || type === 'DYNAMIC_FORWARD_PROXY'
        ? 'CLUSTER_PROVIDED'
        : lbPolicy(loadBalancer?.simple, cluster),
    circuit_breakers: { thresholds: [{ ...thresholds(connectionPool), track_remaining: true }] },
    ...(outlierDetection && { outlier_detection: outliers(outlierDetection) }),
    ...(cluster.names && { dns_lookup_family: 'V4_ONLY', respect_dns_ttl: true }),
    ...((cluster.names || type === 'STATIC') && { load_assignment: assignment(cluster) }),
    ...(isOutbound && tlsOf(cluster)),
    ...(isOutbound && { metadata: istioMetadata(metadataOf(cluster)) }),
  });
}

function lbPolicy(simple: string | undefined, { policy }: Cluster): string {
  const hash = policy.loadBalancer?.consistentHash;
  if (hash) return hash.maglev ? 'MAGLEV' : 'RING_HASH';
  if (simple === 'ROUND_ROBIN' || simple === 'RANDOM') return simple;
  return 'LEAST_REQUEST';
}

/** The limits of a connection pool as Envoy's circuit breakers have them; what is not set is not limited. */
export function thresholds({ tcp, http }: ConnectionPoolSettings = {}) {
  return {
    max_connections: tcp?.maxConnections || UNLIMITED,
    max_pending_requests: http?.http1MaxPendingRequests || UNLIMITED,
    max_requests: http?.http2MaxRequests || UNLIMITED,
    max_retries: http?.maxRetries || UNLIMITED,
  };
}

function outliers(settings: OutlierDetection): JsonObject {
  return present({
    consecutive_5xx: settings.consecutive5xxErrors,
    interval: written(settings.interval),
    base_ejection_time: written(settings.baseEjectionTime),
    max_ejection_percent: settings.maxEjectionPercent,
    enforcing_consecutive_5xx: settings.consecutive5xxErrors === undefined ? undefined : 100,
    enforcing_success_rate: 0,
    consecutive_gateway_failure: settings.consecutiveGatewayErrors,
    enforcing_consecutive_gateway_failure:
      settings.consecutiveGatewayErrors === undefined ? undefined : 100,
    split_external_local_origin_errors: settings.splitExternalLocalOriginErrors,
  });
}

function written(text: string | undefined): string | undefined {
  const milliseconds = parseDurationMs(text);
  return milliseconds === undefined ? undefined : duration(milliseconds);
}

function assignment({ name, names = [], endpoints }: Cluster): JsonObject {
  const addresses = [
    ...names.map((one) => socketAddress(one.name, one.port)),
    ...endpoints.map(({ ip, port }) => socketAddress(ip, port)),
  ];
  return {
    cluster_name: name,
    endpoints: [{ lb_endpoints: addresses.map((address) => ({ endpoint: { address } })) }],
  };
}

/** Auto mTLS asks each endpoint's label; a rule that names a mode asks nobody. */
function tlsOf(cluster: Cluster): JsonObject {
  const { tls } = cluster.policy;
  if (tls?.mode === 'DISABLE' || (cluster.isExternal === true && !tls)) return {};
  const sni = tls?.sni ?? serverNameOf(cluster);
  if (tls?.mode === 'SIMPLE' || tls?.mode === 'MUTUAL') {
    return { transport_socket: extension(TLS_NAME, TLS, { sni: tls.sni ?? cluster.host }) };
  }
  const mutual = extension(TLS_NAME, TLS, {
    common_tls_context: {
      tls_certificate_sds_secret_configs: [{ name: 'default' }],
      combined_validation_context: {
        default_validation_context: {},
        validation_context_sds_secret_config: { name: 'ROOTCA' },
      },
      alpn_protocols: ['istio-peer-exchange', 'istio'],
    },
    sni,
  });
  if (tls?.mode === 'ISTIO_MUTUAL') return { transport_socket: mutual };
  return {
    transport_socket_matches: [
      { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: mutual },
      {
        name: 'tlsMode-disabled',
        match: {},
        transport_socket: extension(
          'envoy.transport_sockets.raw_buffer',
          'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
        ),
      },
    ],
  };
}

function metadataOf({ host, rule, subset }: Cluster): JsonObject {
  const [, name = host, namespace = ''] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? [];
  const at = rule.lastIndexOf('.');
  return present({
    config:
      rule === ''
        ? undefined
        : origin(
            'networking.istio.io/v1alpha3',
            'destination-rule',
            rule.slice(at + 1),
            rule.slice(0, at),
          ),
    subset: subset === '' ? undefined : subset,
    services: [present({ host, name, namespace: namespace === '' ? undefined : namespace })],
  });
}

/** One entry of the dump's part for clusters. */
export function dynamicCluster(cluster: Cluster, version: string, updated: string): JsonObject {
  return { version_info: version, cluster: clusterJson(cluster), last_updated: updated };
}

/** The clusters that a proxy has from its start, whatever istiod says. */
export function staticClusters(updated: string): readonly JsonObject[] {
  const names: readonly (readonly [string, number])[] = [
    ['prometheus_stats', PROXY_PORTS.admin],
    ['agent', PROXY_PORTS.merged],
    ['sds-grpc', 0],
    ['xds-grpc', 0],
  ];
  return names.map(([name, port]) => ({
    cluster: typed('envoy.config.cluster.v3.Cluster', {
      name,
      type: 'STATIC',
      connect_timeout: port === 0 ? '1s' : '0.250s',
      lb_policy: 'ROUND_ROBIN',
      load_assignment: {
        cluster_name: name,
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: {
                  address:
                    port === 0
                      ? {
                          pipe: {
                            path: name === 'sds-grpc' ? SDS_SOCKET : './etc/istio/proxy/XDS',
                          },
                        }
                      : socketAddress('127.0.0.1', port),
                },
              },
            ],
          },
        ],
      },
    }),
    last_updated: updated,
  }));
}

const SDS_SOCKET = './var/run/secrets/workload-spiffe-uds/socket';
