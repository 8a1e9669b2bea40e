import type { Json, JsonObject } from '../../../../kinds/object.ts';
import type {
  DownstreamTls,
  FilterChain,
  FilterChainMatch,
  HttpConnectionManager,
  HttpFilterConfig,
  Listener,
  RbacFilterConfig,
  TcpProxy,
} from '../../../xds/listener.ts';
import { dryRunPrefix } from '../../security/rbac/engine.ts';
import { PROXY_PORTS } from '../proxy-ports.ts';
import { ADS, extension, present, socketAddress, typed } from './json.ts';
import { routeConfigurationJson } from './routes.ts';

const HTTP = 'envoy.extensions.filters.http';
const NETWORK = 'envoy.extensions.filters.network';

/** A listener in Envoy's own form (config.listener.v3.Listener). */
function listenerJson(listener: Listener): JsonObject {
  const { name, address, port, chains, defaultChain, direction, isVirtual } = listener;
  const isOriginal = name === 'virtualOutbound' || name === 'virtualInbound';
  return typed(
    'envoy.config.listener.v3.Listener',
    present({
      name,
      address: socketAddress(address, port),
      filter_chains: chains.map((chain) => chainJson(chain, listener)),
      default_filter_chain: defaultChain && chainJson(defaultChain, listener),
      listener_filters: listenerFilters(listener),
      listener_filters_timeout: '0s',
      continue_on_listener_filters_timeout: true,
      traffic_direction: direction,
      bind_to_port: isVirtual ? false : undefined,
      use_original_dst: isOriginal ? true : undefined,
    }),
  );
}

/** One entry of the dump's part for listeners. */
export function dynamicListener(listener: Listener, version: string, updated: string): JsonObject {
  return {
    name: listener.name,
    active_state: {
      version_info: version,
      listener: listenerJson(listener),
      last_updated: updated,
    },
  };
}

/** The listeners that a proxy has from its start: metrics and health. */
export function staticListeners(updated: string): readonly JsonObject[] {
  const own: readonly (readonly [string, number, string])[] = [
    ['envoy_prometheus', PROXY_PORTS.prometheus, '/stats/prometheus'],
    ['envoy_health', PROXY_PORTS.health, '/healthz/ready'],
  ];
  return own.map(([statPrefix, port, prefix]) => ({
    listener: typed('envoy.config.listener.v3.Listener', {
      address: socketAddress('0.0.0.0', port),
      filter_chains: [
        {
          filters: [
            extension(
              'envoy.filters.network.http_connection_manager',
              `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
              {
                stat_prefix: statPrefix === 'envoy_health' ? 'agent' : 'stats',
                route_config: {
                  virtual_hosts: [
                    {
                      name: 'backend',
                      domains: ['*'],
                      routes: [
                        {
                          match: { prefix },
                          route: {
                            cluster: port === PROXY_PORTS.prometheus ? 'prometheus_stats' : 'agent',
                          },
                        },
                      ],
                    },
                  ],
                },
                http_filters: [extension('envoy.filters.http.router', `${HTTP}.router.v3.Router`)],
              },
            ),
          ],
        },
      ],
    }),
    last_updated: updated,
  }));
}

function listenerFilters({ name, chains }: Listener): readonly Json[] {
  const usesTls = chains.some(({ match }) => match.transport !== undefined || match.serverNames);
  const usesHttp = chains.some(({ match }) => match.applicationProtocols !== undefined);
  return [
    ...(name === 'virtualInbound' ? [inspector('original_dst', 'OriginalDst')] : []),
    ...(usesTls ? [inspector('tls_inspector', 'TlsInspector')] : []),
    ...(usesHttp ? [inspector('http_inspector', 'HttpInspector')] : []),
  ];
}

function inspector(name: string, message: string): JsonObject {
  return extension(
    `envoy.filters.listener.${name}`,
    `envoy.extensions.filters.listener.${name}.v3.${message}`,
  );
}

function chainJson(chain: FilterChain, listener: Listener): JsonObject {
  const match = matchJson(chain.match);
  return present({
    filter_chain_match: Object.keys(match).length === 0 ? undefined : match,
    filters:
      chain.filter.type === 'http'
        ? [httpManagerJson(chain.filter, listener)]
        : tcpFilters(chain.filter),
    transport_socket: chain.tls && transportSocket(chain.tls),
    name: chain.name,
  });
}

function matchJson(match: FilterChainMatch): JsonObject {
  return present({
    destination_port: match.destinationPort,
    prefix_ranges: match.prefixRanges?.map((range) => {
      const [address = '', length = '32'] = range.split('/');
      return { address_prefix: address, prefix_len: Number(length) };
    }),
    server_names: match.serverNames && [...match.serverNames],
    transport_protocol: match.transport,
    application_protocols: match.applicationProtocols && [...match.applicationProtocols],
  });
}

function transportSocket(tls: DownstreamTls): JsonObject {
  const type = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
  if (tls.type === 'istio') {
    return extension('envoy.transport_sockets.tls', type, {
      common_tls_context: {
        tls_certificate_sds_secret_configs: [{ name: 'default' }],
        combined_validation_context: {
          default_validation_context: {},
          validation_context_sds_secret_config: { name: 'ROOTCA' },
        },
        alpn_protocols: ['istio-peer-exchange', 'h2', 'http/1.1'],
      },
      require_client_certificate: true,
    });
  }
  const { credentialName, mode } = tls.settings;
  const secret = credentialName === undefined ? 'default' : `kubernetes://${credentialName}`;
  return extension('envoy.transport_sockets.tls', type, {
    common_tls_context: present({
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificate_sds_secret_configs: [{ name: secret }],
      combined_validation_context:
        mode === 'MUTUAL'
          ? {
              default_validation_context: {},
              validation_context_sds_secret_config: { name: `${secret}-cacert` },
            }
          : undefined,
    }),
    require_client_certificate: mode === 'MUTUAL',
  });
}

function httpManagerJson(
  manager: HttpConnectionManager,
  { name, address, port }: Listener,
): JsonObject {
  const { routes, direction, isEdge, filters } = manager;
  const prefix = direction === 'INBOUND' ? 'inbound' : 'outbound';
  return extension(
    'envoy.filters.network.http_connection_manager',
    `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
    present({
      stat_prefix:
        name === 'virtualInbound' && typeof routes !== 'string'
          ? `inbound_0.0.0.0_${routes.name.split('|')[1] ?? port}`
          : `${prefix}_${address}_${port}`,
      ...(typeof routes === 'string'
        ? { rds: { config_source: ADS, route_config_name: routes } }
        : { route_config: routeConfigurationJson(routes) }),
      http_filters: [
        extension('istio.metadata_exchange', 'io.istio.http.peer_metadata.Config'),
        ...filters.map(httpFilterJson),
        extension('envoy.filters.http.grpc_stats', `${HTTP}.grpc_stats.v3.FilterConfig`, {
          emit_filter_state: true,
          stats_for_all_methods: false,
        }),
        extension('istio.alpn', 'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig'),
        extension('envoy.filters.http.fault', `${HTTP}.fault.v3.HTTPFault`),
        extension('envoy.filters.http.cors', `${HTTP}.cors.v3.Cors`),
        extension('istio.stats', 'stats.PluginConfig'),
        extension('envoy.filters.http.router', `${HTTP}.router.v3.Router`),
      ],
      use_remote_address: isEdge,
      forward_client_cert_details:
        direction === 'INBOUND' ? 'APPEND_FORWARD' : isEdge ? 'SANITIZE_SET' : undefined,
      normalize_path: true,
      request_id_extension: extension(
        'envoy.request_id.uuid',
        'envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig',
        { use_request_id_for_trace_sampling: true },
      ),
      path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
    }),
  );
}

function httpFilterJson(filter: HttpFilterConfig): JsonObject {
  switch (filter.type) {
    case 'jwt':
      return extension('envoy.filters.http.jwt_authn', `${HTTP}.jwt_authn.v3.JwtAuthentication`, {
        providers: Object.fromEntries(
          filter.rules.map((rule, index) => [
            `origins-${index}`,
            present({
              issuer: rule.issuer,
              audiences: rule.audiences && [...rule.audiences],
              local_jwks: { inline_string: rule.jwks ?? '' },
              forward: rule.forwardOriginalToken,
              payload_in_metadata: 'payload',
            }),
          ]),
        ),
      });
    case 'rbac':
      return extension('envoy.filters.http.rbac', `${HTTP}.rbac.v3.RBAC`, rbacJson(filter));
    case 'local-rate-limit':
      return {
        name: 'envoy.filters.http.local_ratelimit',
        typed_config: JSON.parse(JSON.stringify(filter.settings)),
      };
    default:
      return filter;
  }
}

/** istioctl tells policies by these names: `ns[foo]-policy[x]-rule[0]`. */
function rbacJson(filter: RbacFilterConfig): JsonObject {
  const { action, policies, shadow } = filter;
  const rules = (list: RbacFilterConfig['policies']) => ({
    action: action === 'AUDIT' ? 'LOG' : action,
    policies: Object.fromEntries(
      list.flatMap(({ metadata, spec }) =>
        (spec?.rules ?? []).map((rule, index) => [
          `ns[${metadata.namespace ?? ''}]-policy[${metadata.name}]-rule[${index}]`,
          JSON.parse(JSON.stringify(rule)),
        ]),
      ),
    ),
  });
  return present({
    rules: policies.length === 0 ? undefined : rules(policies),
    shadow_rules: shadow.length === 0 ? undefined : rules(shadow),
    shadow_rules_stat_prefix: shadow.length === 0 ? undefined : dryRunPrefix(filter),
  });
}

function tcpFilters({ clusters, statPrefix, filters }: TcpProxy): readonly Json[] {
  const [only] = clusters;
  const target =
    clusters.length === 1 && only
      ? { cluster: only.cluster }
      : {
          weighted_clusters: {
            clusters: clusters.map(({ cluster, weight }) => ({ name: cluster, weight })),
          },
        };
  return [
    ...filters.map((filter) =>
      extension('envoy.filters.network.rbac', `${NETWORK}.rbac.v3.RBAC`, {
        ...rbacJson(filter),
        stat_prefix: 'tcp.',
      }),
    ),
    extension('istio.stats', 'stats.PluginConfig'),
    extension('envoy.filters.network.tcp_proxy', `${NETWORK}.tcp_proxy.v3.TcpProxy`, {
      stat_prefix: statPrefix,
      ...target,
    }),
  ];
}
