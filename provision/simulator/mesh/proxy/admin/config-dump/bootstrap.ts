import type { JsonObject } from '../../../../kinds/object.ts';
import { ISTIO_VERSION } from '../../../../versions.ts';
import type { ProxyNode } from '../../../pilot/node.ts';
import { PROXY_PORTS } from '../proxy-ports.ts';
import { staticClusters } from './clusters.ts';
import { socketAddress } from './json.ts';
import { staticListeners } from './listeners.ts';

/** What a proxy knew when it started. */
export interface BootstrapFacts {
  readonly node: ProxyNode;
  readonly workload: string;
  readonly discoveryAddress: string;
}

/** Envoy's bootstrap (config.bootstrap.v3.Bootstrap) as pilot-agent writes it. */
export function bootstrapJson({ node, workload, discoveryAddress }: BootstrapFacts): JsonObject {
  const { type, ip, name, namespace, labels, annotations, serviceAccount } = node;
  return {
    node: {
      id: `${type}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${labels['app'] ?? workload}.${namespace}`,
      metadata: {
        CLUSTER_ID: 'Kubernetes',
        INSTANCE_IPS: ip,
        ISTIO_VERSION,
        LABELS: labels,
        ANNOTATIONS: annotations,
        MESH_ID: 'cluster.local',
        NAME: name,
        NAMESPACE: namespace,
        SERVICE_ACCOUNT: serviceAccount,
        WORKLOAD_NAME: workload,
        PROXY_CONFIG: {
          discoveryAddress,
          proxyAdminPort: PROXY_PORTS.admin,
          statusPort: PROXY_PORTS.merged,
        },
      },
      locality: {},
      user_agent_name: 'envoy',
    },
    static_resources: {
      listeners: staticListeners('').map(({ listener }) => listener ?? null),
      clusters: staticClusters('').map(({ cluster }) => cluster ?? null),
    },
    dynamic_resources: {
      lds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
      cds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
      ads_config: {
        api_type: 'DELTA_GRPC',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
        set_node_on_first_message_only: true,
        transport_api_version: 'V3',
      },
    },
    admin: {
      profile_path: '/var/lib/istio/data/envoy.prof',
      address: socketAddress('127.0.0.1', PROXY_PORTS.admin),
    },
    stats_config: { use_all_default_tags: false },
    layered_runtime: { layers: [{ name: 'admin', admin_layer: {} }] },
  };
}
