const ADMIN = 'type.googleapis.com/envoy.admin.v3';
const FILTERS = 'type.googleapis.com/envoy.extensions.filters.network';

function origin(kind: string, name: string) {
  const config = `/apis/networking.istio.io/v1/namespaces/default/${kind}/${name}`;
  return { filter_metadata: { istio: { config } } };
}

/** A small dump of a sidecar of reviews v1, in the shape of Envoy's admin page (its API reference, envoy.admin.v3.ConfigDump). */
export const DUMP = JSON.stringify({
  configs: [
    {
      '@type': `${ADMIN}.ClustersConfigDump`,
      static_clusters: [{ cluster: { name: 'prometheus_stats', type: 'STATIC' } }],
      dynamic_active_clusters: [
        {
          cluster: {
            name: 'outbound|9080|v1|reviews.default.svc.cluster.local',
            type: 'EDS',
            metadata: origin('destination-rule', 'reviews'),
          },
        },
        { cluster: { name: 'outbound|9080||reviews.default.svc.cluster.local', type: 'EDS' } },
        { cluster: { name: 'inbound|9080||', type: 'ORIGINAL_DST' } },
      ],
    },
    {
      '@type': `${ADMIN}.ListenersConfigDump`,
      dynamic_listeners: [
        {
          active_state: {
            listener: {
              name: 'virtualInbound',
              address: { socket_address: { address: '0.0.0.0', port_value: 15_006 } },
              filter_chains: [
                {
                  filter_chain_match: {
                    destination_port: 9080,
                    transport_protocol: 'tls',
                    application_protocols: ['istio', 'istio-peer-exchange', 'istio-http/1.0'],
                  },
                  filters: [
                    {
                      name: 'envoy.filters.network.http_connection_manager',
                      typed_config: {
                        '@type': `${FILTERS}.http_connection_manager.v3.HttpConnectionManager`,
                        route_config: {
                          virtual_hosts: [
                            {
                              domains: ['*'],
                              routes: [
                                { match: { prefix: '/' }, route: { cluster: 'inbound|9080||' } },
                              ],
                            },
                          ],
                        },
                        http_filters: [
                          {
                            name: 'envoy.filters.http.rbac',
                            typed_config: {
                              '@type':
                                'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
                              rules: {
                                action: 'DENY',
                                policies: { 'ns[default]-policy[no-delete]-rule[0]': {} },
                              },
                            },
                          },
                          {
                            name: 'envoy.filters.http.rbac',
                            typed_config: {
                              '@type':
                                'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
                              rules: {
                                policies: {
                                  'ns[default]-policy[allow-page]-rule[0]': {},
                                  'ns[default]-policy[allow-page]-rule[1]': {},
                                },
                              },
                            },
                          },
                        ],
                      },
                    },
                  ],
                },
              ],
            },
          },
        },
        {
          active_state: {
            listener: {
              name: '0.0.0.0_9080',
              address: { socket_address: { address: '0.0.0.0', port_value: 9080 } },
              filter_chains: [
                {
                  filter_chain_match: {
                    transport_protocol: 'raw_buffer',
                    application_protocols: ['http/1.1', 'h2c'],
                  },
                  filters: [
                    {
                      name: 'envoy.filters.network.http_connection_manager',
                      typed_config: {
                        '@type': `${FILTERS}.http_connection_manager.v3.HttpConnectionManager`,
                        rds: { route_config_name: '9080' },
                      },
                    },
                  ],
                },
              ],
              default_filter_chain: {
                filters: [
                  {
                    name: 'envoy.filters.network.tcp_proxy',
                    typed_config: {
                      '@type': `${FILTERS}.tcp_proxy.v3.TcpProxy`,
                      cluster: 'PassthroughCluster',
                    },
                  },
                ],
              },
            },
          },
        },
      ],
    },
    {
      '@type': `${ADMIN}.RoutesConfigDump`,
      dynamic_route_configs: [
        {
          route_config: {
            name: '9080',
            virtual_hosts: [
              {
                name: 'reviews.default.svc.cluster.local:9080',
                domains: [
                  'reviews.default.svc.cluster.local',
                  'reviews',
                  'reviews.default',
                  'reviews.default.svc',
                  '10.96.0.5',
                ],
                routes: [
                  { match: { prefix: '/' }, metadata: origin('virtual-service', 'reviews') },
                ],
              },
              { name: 'empty', domains: ['*'] },
            ],
          },
        },
      ],
    },
  ],
});

/** The page /clusters?format=json of the same proxy. */
export const CLUSTERS = JSON.stringify({
  cluster_statuses: [
    {
      name: 'outbound|9080||reviews.default.svc.cluster.local',
      host_statuses: [
        {
          address: { socket_address: { address: '10.244.1.9', port_value: 9080 } },
          health_status: { eds_health_status: 'HEALTHY' },
        },
        {
          address: { socket_address: { address: '10.244.1.8', port_value: 9080 } },
          health_status: { eds_health_status: 'HEALTHY', failed_outlier_check: true },
        },
      ],
    },
  ],
});
