import { parse } from 'yaml';

import type { ClusterClient, Resource } from '../../../client/client.ts';
import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { configMaps, nodes } from '../../../kinds/resources.ts';
import type { ConfigMap } from '../../../kinds/types/core.ts';
import { type InjectionSettings, readInjectionSettings } from '../../injection/index.ts';
import { revisioned } from '../revision.ts';
import { byAge } from '../snapshot.ts';

/** An istiod, and how it was started. */
export interface Injector {
  readonly istioNamespace: string;
  /** `default` for the revision without a name. */
  readonly revision?: string;
  /** As `ENABLE_NATIVE_SIDECARS` of istiod says. Default true. */
  readonly canBeNative?: boolean;
}

const OLDEST_NATIVE_MINOR = 33;

const proxyConfigs: Resource<KubeObject & { readonly spec?: JsonObject }> = {
  group: 'networking.istio.io',
  version: 'v1beta1',
  plural: 'proxyconfigs',
  kind: 'ProxyConfig',
  isNamespaced: true,
};

/** What an istiod injects by now: the ConfigMaps of its own revision, the ProxyConfig objects, the age of the kubelets. */
export function injectionSettings(
  client: ClusterClient,
  { istioNamespace, revision = 'default', canBeNative = true }: Injector,
): InjectionSettings {
  const named = (name: string) =>
    client.get(configMaps, revisioned(name, revision), istioNamespace);
  const [injector, mesh] = [named('istio-sidecar-injector'), named('istio')];
  return readInjectionSettings(read(injector, 'values'), istioNamespace, {
    config: read(injector, 'config'),
    mesh: read(mesh, 'mesh'),
    proxyConfigs: client
      .list(proxyConfigs)
      .toSorted(byAge)
      .map(({ metadata, spec }) => ({
        namespace: metadata.namespace ?? '',
        spec: objectAt(spec),
      })),
    canBeNative: canBeNative && everyKubeletCan(client),
  });
}

/** Parsed once for each ConfigMap as it was written. */
const known = new WeakMap<ConfigMap, Map<string, unknown>>();

function read(configMap: ConfigMap | undefined, key: string): unknown {
  const text = configMap?.data?.[key];
  if (!configMap || text === undefined) return {};
  const values = known.get(configMap) ?? new Map<string, unknown>();
  known.set(configMap, values);
  if (!values.has(key)) values.set(key, parsed(text));
  return values.get(key);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return value;
  } catch {
    // istiod goes on with its defaults when a ConfigMap was broken by hand.
    return {};
  }
}

/** Istio's default: native sidecars when no kubelet is older than 1.33. */
function everyKubeletCan(client: ClusterClient): boolean {
  return client.list(nodes).every((node) => {
    const minor = /^v1\.(\d+)/.exec(stringAt(node, 'status', 'nodeInfo', 'kubeletVersion'))?.[1];
    return minor === undefined || Number(minor) >= OLDEST_NATIVE_MINOR;
  });
}
