import { stringAt } from '../../kinds/json.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { imageOf } from '../images.ts';

/** What the sidecar's container depends on beside the pod: istiod's part of the installation. */
export interface InjectionSettings {
  readonly proxyImage: string;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  readonly discoveryAddress: string;
  /** Empty for the default revision. */
  readonly revision: string;
  readonly istioNamespace: string;
}

/** The settings of an installation, from its ConfigMap `istio-sidecar-injector` (key `values`, JSON). */
export function readInjectionSettings(
  values: unknown,
  istioNamespace = 'istio-system',
): InjectionSettings {
  const hub = stringAt(values, 'global', 'hub') || 'registry.istio.io/release';
  const tag = stringAt(values, 'global', 'tag') || ISTIO_VERSION;
  const image = stringAt(values, 'global', 'proxy', 'image') || 'proxyv2';
  const revision = stringAt(values, 'revision');
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`;
  return {
    proxyImage: imageOf({ hub, tag }, image),
    requests: {
      cpu: stringAt(values, 'global', 'proxy', 'resources', 'requests', 'cpu') || '100m',
      memory: stringAt(values, 'global', 'proxy', 'resources', 'requests', 'memory') || '128Mi',
    },
    limits: {
      cpu: stringAt(values, 'global', 'proxy', 'resources', 'limits', 'cpu') || '2000m',
      memory: stringAt(values, 'global', 'proxy', 'resources', 'limits', 'memory') || '1024Mi',
    },
    discoveryAddress: `istiod${suffix}.${istioNamespace}.svc:15012`,
    revision,
    istioNamespace,
  };
}
