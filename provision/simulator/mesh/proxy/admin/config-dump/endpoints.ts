import type { JsonObject } from '../../../../kinds/object.ts';
import type { ProxyConfiguration } from '../../../pilot/push/proxy-configuration.ts';
import type { Endpoint } from '../../../xds/endpoint.ts';
import { socketAddress, typed } from './json.ts';

/** The dump's part for endpoints, which Envoy leaves out unless asked (`include_eds`). */
export function endpointsDump(configuration: ProxyConfiguration): JsonObject {
  return {
    dynamic_endpoint_configs: configuration
      .clusters()
      .filter(({ type }) => type === 'EDS')
      .map(({ name, endpoints }) => ({
        endpoint_config: typed('envoy.config.endpoint.v3.ClusterLoadAssignment', {
          cluster_name: name,
          endpoints: [{ locality: {}, lb_endpoints: endpoints.map(endpointJson) }],
          policy: { overprovisioning_factor: 140 },
        }),
      })),
  };
}

function endpointJson(endpoint: Endpoint): JsonObject {
  const { ip, port, health = 'HEALTHY', hasSidecar, workload, weight = 1 } = endpoint;
  const istio = workload && {
    workload: `${workload.workload};${workload.namespace};${workload.app};${workload.version};Kubernetes`,
  };
  return {
    endpoint: { address: socketAddress(ip, port), health_check_config: {} },
    health_status: health,
    metadata: {
      filter_metadata: {
        ...(hasSidecar && { 'envoy.transport_socket_match': { tlsMode: 'istio' } }),
        ...(istio && { istio }),
      },
    },
    load_balancing_weight: weight,
  };
}
