import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runIstioctl } from '../../testing/run-istioctl.ts';

const ADMIN = 'type.googleapis.com/envoy.admin.v3';
const FILTERS = 'type.googleapis.com/envoy.extensions.filters.network';

function origin(kind: string, name: string) {
  const config = `/apis/networking.istio.io/v1/namespaces/default/${kind}/${name}`;
  return { filter_metadata: { istio: { config } } };
}

/** A small dump in the shape of Envoy's admin page (its API reference, envoy.admin.v3.ConfigDump). */
const DUMP = JSON.stringify({
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
                domains: ['reviews.default.svc.cluster.local', 'reviews', 'reviews.default'],
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

const CLUSTERS = JSON.stringify({
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

async function shown(...args: readonly string[]): Promise<readonly string[]> {
  const files = { 'dump.json': DUMP, 'clusters.json': CLUSTERS };
  const { stdout, stderr } = await runIstioctl(['proxy-config', ...args], { files });
  return [...stdout.split('\n').slice(0, -1), ...(stderr === '' ? [] : [stderr])];
}

test('proxy-config cluster lists clusters by host, subset and port', async () => {
  assert.deepEqual(await shown('cluster', '-f', 'dump.json'), [
    'SERVICE FQDN                          PORT     SUBSET     DIRECTION     TYPE             DESTINATION RULE',
    '                                      9080     -          inbound       ORIGINAL_DST     ',
    'prometheus_stats                      -        -          -             STATIC           ',
    'reviews.default.svc.cluster.local     9080     -          outbound      EDS              ',
    'reviews.default.svc.cluster.local     9080     v1         outbound      EDS              reviews.default',
  ]);
});

test('proxy-config listener shows each match and where it leads', async () => {
  assert.deepEqual(await shown('l', '-f', 'dump.json', '--port', '9080'), [
    'ADDRESSES     PORT     MATCH                                    DESTINATION',
    '0.0.0.0       9080     Trans: raw_buffer; App: http/1.1,h2c     Route: 9080',
    '0.0.0.0       9080     ALL                                      PassthroughCluster',
  ]);
});

test('proxy-config route shows hosts, matches and the virtual service behind them', async () => {
  assert.deepEqual(await shown('routes', '-f', 'dump.json', '--name', '9080'), [
    'NAME     VHOST NAME                                 DOMAINS                                                    MATCH     VIRTUAL SERVICE',
    '9080     reviews.default.svc.cluster.local:9080     reviews.default.svc.cluster.local, reviews + 1 more...     /*        reviews.default',
    '9080     empty                                      *                                                          /*        404',
  ]);
});

test('proxy-config endpoint tells healthy addresses from ejected ones', async () => {
  assert.deepEqual(await shown('ep', '-f', 'clusters.json', '--port', '9080'), [
    'ENDPOINT            STATUS      OUTLIER CHECK     CLUSTER',
    '10.244.1.8:9080     HEALTHY     FAILED            outbound|9080||reviews.default.svc.cluster.local',
    '10.244.1.9:9080     HEALTHY     OK                outbound|9080||reviews.default.svc.cluster.local',
  ]);
});

test('proxy-config wants a pod or a file', async () => {
  assert.deepEqual(await shown('routes'), [
    'Error: this command requires pod name or --file parameter\n',
  ]);
});
