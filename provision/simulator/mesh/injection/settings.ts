import { at, isObject, objectAt, scalarText, stringAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { imageOf } from '../images.ts';
import type { ProxyConfigObject } from './proxy-config.ts';

/** What the sidecar's container depends on beside the pod: istiod's part of the installation. */
export interface InjectionSettings {
  readonly proxyImage: string;
  readonly requests: JsonObject;
  readonly limits: JsonObject;
  readonly discoveryAddress: string;
  /** Empty for the default revision. */
  readonly revision: string;
  readonly istioNamespace: string;
  /** Key `values` of ConfigMap `istio-sidecar-injector`. */
  readonly values: JsonObject;
  /** Key `config` of it: policy, selectors, templates. */
  readonly config: JsonObject;
  /** `mesh` of ConfigMap `istio`. */
  readonly mesh: JsonObject;
  readonly proxyConfigs: readonly ProxyConfigObject[];
  /** Whether the proxy is an init container that stays, unless the pod says otherwise. */
  readonly isNative: boolean;
}

/** Parts of an installation beside the values; each may be left out. */
export interface InjectionSources {
  readonly config?: unknown;
  readonly mesh?: unknown;
  readonly proxyConfigs?: readonly ProxyConfigObject[];
  /** False where a kubelet is too old for native sidecars. Default true. */
  readonly canBeNative?: boolean;
}

/** The settings of an installation, from its ConfigMap `istio-sidecar-injector` (key `values`, JSON). */
export function readInjectionSettings(
  values: unknown,
  istioNamespace = 'istio-system',
  { config, mesh, proxyConfigs = [], canBeNative = true }: InjectionSources = {},
): InjectionSettings {
  const hub = stringAt(values, 'global', 'hub') || 'registry.istio.io/release';
  const tag = scalarText(at(values, 'global', 'tag')) || ISTIO_VERSION;
  const variant = stringAt(values, 'global', 'variant');
  const image = stringAt(values, 'global', 'proxy', 'image') || 'proxyv2';
  const revision = stringAt(values, 'revision');
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`;
  const resources = (kind: string, otherwise: JsonObject) => {
    const found = objectAt(values, 'global', 'proxy', 'resources', kind);
    return { ...otherwise, ...found };
  };
  return {
    proxyImage: imageOf({ hub, tag: variant === '' ? tag : `${tag}-${variant}` }, image),
    requests: resources('requests', { cpu: '100m', memory: '128Mi' }),
    limits: resources('limits', { cpu: '2000m', memory: '1024Mi' }),
    discoveryAddress: `istiod${suffix}.${istioNamespace}.svc:15012`,
    revision,
    istioNamespace,
    values: isObject(values) ? values : {},
    config: isObject(config) ? config : {},
    mesh: isObject(mesh) ? mesh : {},
    proxyConfigs,
    isNative:
      canBeNative && scalarText(at(values, 'pilot', 'env', 'ENABLE_NATIVE_SIDECARS')) !== 'false',
  };
}

/** A value of the installation as text; `otherwise` when it is not there or empty. */
export function settingAt(
  { values }: Pick<InjectionSettings, 'values'>,
  path: string,
  otherwise = '',
): string {
  return scalarText(at(values, ...path.split('.'))) || otherwise;
}
