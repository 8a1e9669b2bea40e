import type { JsonObject } from '../../../../kinds/object.ts';
import type { ProxyConfiguration } from '../../../pilot/push/proxy-configuration.ts';
import { bootstrapJson, type BootstrapFacts } from './bootstrap.ts';
import { dynamicCluster, staticClusters } from './clusters.ts';
import { endpointsDump } from './endpoints.ts';
import { typed } from './json.ts';
import { dynamicListener, staticListeners } from './listeners.ts';
import { routeConfigurationJson } from './routes.ts';
import { type ProxySecret, secretJson } from './secrets.ts';

/** What a dump is made of. */
export interface DumpSubject {
  /** undefined before istiod has been heard from. */
  readonly configuration: ProxyConfiguration | undefined;
  readonly bootstrap: BootstrapFacts;
  readonly secrets: readonly ProxySecret[];
  /** RFC 3339: when istiod last sent something. */
  readonly updated: string;
  readonly includesEndpoints: boolean;
}

/** Envoy's page /config_dump (admin.v3.ConfigDump): everything the proxy acts on, in the form in which it was sent. */
export function configDump(subject: DumpSubject): JsonObject {
  const { configuration, updated, includesEndpoints } = subject;
  const version = String(configuration?.version ?? '');
  return {
    configs: [
      part('BootstrapConfigDump', {
        bootstrap: bootstrapJson(subject.bootstrap),
        last_updated: updated,
      }),
      part('ClustersConfigDump', {
        version_info: version,
        static_clusters: staticClusters(updated),
        dynamic_active_clusters: (configuration?.clusters() ?? []).map((cluster) =>
          dynamicCluster(cluster, version, updated),
        ),
      }),
      ...(includesEndpoints && configuration
        ? [part('EndpointsConfigDump', endpointsDump(configuration))]
        : []),
      part('ListenersConfigDump', {
        version_info: version,
        static_listeners: staticListeners(updated),
        dynamic_listeners: (configuration?.listeners ?? []).map((listener) =>
          dynamicListener(listener, version, updated),
        ),
      }),
      part('ScopedRoutesConfigDump', {}),
      part('RoutesConfigDump', {
        static_route_configs: [],
        dynamic_route_configs: (configuration?.routeConfigurations() ?? []).map((routes) => ({
          version_info: version,
          route_config: routeConfigurationJson(routes),
          last_updated: updated,
        })),
      }),
      part('SecretsConfigDump', {
        dynamic_active_secrets: subject.secrets.map((secret) => secretJson(secret, updated)),
      }),
    ],
  };
}

function part(name: string, fields: JsonObject): JsonObject {
  return typed(`envoy.admin.v3.${name}`, fields);
}
