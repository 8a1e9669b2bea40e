import { parse } from 'yaml';

import {
  at,
  isObject,
  listAt,
  numberAt,
  stringAt,
  stringMapAt,
  stringsAt,
} from '../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../kinds/object.ts';
import type { LabelSelector } from '../../kinds/types/apps.ts';
import type { ConfigMap } from '../../kinds/types/core.ts';
import { remembering } from '../../remember.ts';
import { parseDurationMs } from '../istio/duration.ts';
import type { HttpRetry } from '../istio/virtual-service.ts';

/** How paths are made equal before anything looks at them. */
const NORMALIZATIONS = [
  'DEFAULT',
  'NONE',
  'BASE',
  'MERGE_SLASHES',
  'DECODE_AND_MERGE_SLASHES',
] as const;

export type PathNormalization = (typeof NORMALIZATIONS)[number];

/** The mesh's own settings (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/), with Istio's defaults. */
export interface MeshConfig {
  readonly pathNormalization: PathNormalization;
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** Empty: no access log. */
  readonly accessLogFile: string;
  readonly accessLogEncoding: 'TEXT' | 'JSON';
  /** Empty: Istio's default format. */
  readonly accessLogFormat: string;
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly enableAutoMtls: boolean;
  /** How long proxies wait for a connection; default 10 s. */
  readonly connectTimeoutMs: number;
  /** Whether requests to other proxies are sent in HTTP/2 (h2UpgradePolicy). Default false. */
  readonly upgradesToHttp2: boolean;
  /** In place of Istio's own default for rules that say nothing of retries. */
  readonly defaultHttpRetryPolicy: HttpRetry | undefined;
  /** Who sees what does not say so itself; default everybody. */
  readonly defaultExportTo: {
    readonly services: readonly string[];
    readonly virtualServices: readonly string[];
    readonly destinationRules: readonly string[];
  };
  /** Which namespaces are part of the mesh: those that fit one of these; empty: all. */
  readonly discoverySelectors: readonly LabelSelector[];
  readonly ingress: {
    /** Class of Ingress objects that are Istio's; default `istio`. */
    readonly className: string;
    /** `DEFAULT` takes Ingress objects without a class too; default STRICT. */
    readonly mode: 'DEFAULT' | 'STRICT' | 'OFF';
    /** The gateway's Service, in the root namespace. */
    readonly service: string;
    /** Labels of the gateway's pods. */
    readonly selector: Labels;
  };
  /** All of it as written, for settings that are looked at in one place alone. */
  readonly written: JsonObject;
}

/** By ConfigMap, which clusters of one starting state share: every change of the mesh asks, and the answer hardly ever changes. */
const known = new WeakMap<ConfigMap, MeshConfig>();

/** For installations without the ConfigMap, by namespace. */
const defaultsIn = remembering((namespace) => meshConfig({}, namespace));

/** The settings in the ConfigMap `istio` (or `istio-<revision>`). */
export function meshConfigIn(configMap: ConfigMap | undefined, namespace: string): MeshConfig {
  if (!configMap) return defaultsIn(namespace);
  let config = known.get(configMap);
  if (!config) {
    config = meshConfig(parsed(configMap.data?.['mesh'] ?? ''), namespace);
    known.set(configMap, config);
  }
  return config;
}

function meshConfig(written: JsonObject, namespace: string): MeshConfig {
  const policy = stringAt(written, 'outboundTrafficPolicy', 'mode');
  return {
    rootNamespace: stringAt(written, 'rootNamespace') || namespace,
    trustDomain: stringAt(written, 'trustDomain') || 'cluster.local',
    accessLogFile: stringAt(written, 'accessLogFile'),
    accessLogEncoding: stringAt(written, 'accessLogEncoding') === 'JSON' ? 'JSON' : 'TEXT',
    accessLogFormat: stringAt(written, 'accessLogFormat'),
    outboundTrafficPolicy: policy === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY',
    pathNormalization: normalizationIn(written),
    enableAutoMtls: at(written, 'enableAutoMtls') !== false,
    connectTimeoutMs: parseDurationMs(stringAt(written, 'connectTimeout')) ?? CONNECT_TIMEOUT_MS,
    upgradesToHttp2: stringAt(written, 'h2UpgradePolicy') === 'UPGRADE',
    defaultHttpRetryPolicy: retriesIn(at(written, 'defaultHttpRetryPolicy')),
    defaultExportTo: {
      services: stringsAt(written, 'defaultServiceExportTo'),
      virtualServices: stringsAt(written, 'defaultVirtualServiceExportTo'),
      destinationRules: stringsAt(written, 'defaultDestinationRuleExportTo'),
    },
    discoverySelectors: listAt(written, 'discoverySelectors').map(selectorIn),
    ingress: ingressIn(written),
    written,
  };
}

function normalizationIn(written: JsonObject): PathNormalization {
  const mode = stringAt(written, 'pathNormalization', 'normalization');
  return NORMALIZATIONS.find((one) => one === mode) ?? 'DEFAULT';
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

/** How long proxies wait for a connection where nothing else says. */
export const CONNECT_TIMEOUT_MS = 10_000;

function ingressIn(written: JsonObject): MeshConfig['ingress'] {
  const mode = stringAt(written, 'ingressControllerMode');
  const service = stringAt(written, 'ingressService') || 'istio-ingressgateway';
  const label = stringAt(written, 'ingressSelector') || service.replace(/^istio-/, '');
  return {
    className: stringAt(written, 'ingressClass') || 'istio',
    mode: mode === 'DEFAULT' || mode === 'OFF' ? mode : 'STRICT',
    service,
    selector: { istio: label },
  };
}

function retriesIn(value: unknown): HttpRetry | undefined {
  if (!isObject(value)) return undefined;
  const text = (key: string) => stringAt(value, key) || undefined;
  const [perTryTimeout, retryOn, backoff] = [
    text('perTryTimeout'),
    text('retryOn'),
    text('backoff'),
  ];
  const attempts = numberAt(value, 'attempts');
  return {
    ...(attempts !== undefined && { attempts }),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(retryOn !== undefined && { retryOn }),
    ...(backoff !== undefined && { backoff }),
  };
}

function selectorIn(value: Json): LabelSelector {
  const expressions = listAt(value, 'matchExpressions').flatMap((one) => {
    const operator = OPERATORS.find((name) => name === stringAt(one, 'operator'));
    return operator
      ? [{ key: stringAt(one, 'key'), operator, values: stringsAt(one, 'values') }]
      : [];
  });
  return { matchLabels: stringMapAt(value, 'matchLabels'), matchExpressions: expressions };
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
