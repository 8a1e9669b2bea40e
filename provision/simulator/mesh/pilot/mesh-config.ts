import { parse } from 'yaml';

import { at, isObject, objectAt, stringAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import type { ConfigMap } from '../../kinds/types/core.ts';

/** The mesh's own settings (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/), with Istio's defaults. */
export interface MeshConfig {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** Empty: no access log. */
  readonly accessLogFile: string;
  readonly accessLogEncoding: 'TEXT' | 'JSON';
  /** Empty: Istio's default format. */
  readonly accessLogFormat: string;
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly enableAutoMtls: boolean;
  /** All of it as written, for settings that are looked at in one place alone. */
  readonly written: JsonObject;
}

/** By ConfigMap, which clusters of one starting state share: every change of the mesh asks, and the answer hardly ever changes. */
const known = new WeakMap<ConfigMap, MeshConfig>();

/** The settings in the ConfigMap `istio` (or `istio-<revision>`). */
export function meshConfigIn(configMap: ConfigMap | undefined, namespace: string): MeshConfig {
  if (!configMap) return meshConfig({}, namespace);
  let config = known.get(configMap);
  if (!config) {
    config = meshConfig(parsed(configMap.data?.['mesh'] ?? ''), namespace);
    known.set(configMap, config);
  }
  return config;
}

function meshConfig(written: JsonObject, namespace: string): MeshConfig {
  const policy = stringAt(objectAt(written, 'outboundTrafficPolicy'), 'mode');
  return {
    rootNamespace: stringAt(written, 'rootNamespace') || namespace,
    trustDomain: stringAt(written, 'trustDomain') || 'cluster.local',
    accessLogFile: stringAt(written, 'accessLogFile'),
    accessLogEncoding: stringAt(written, 'accessLogEncoding') === 'JSON' ? 'JSON' : 'TEXT',
    accessLogFormat: stringAt(written, 'accessLogFormat'),
    outboundTrafficPolicy: policy === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY',
    enableAutoMtls: at(written, 'enableAutoMtls') !== false,
    written,
  };
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = parse(text);
    return isObject(value) ? value : {};
  } catch {
    // A mesh configuration that is no YAML counts as none, as istiod keeps running with its defaults.
    return {};
  }
}
