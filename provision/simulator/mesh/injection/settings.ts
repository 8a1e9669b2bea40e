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
  const hub = text(values, 'global', 'hub') ?? 'registry.istio.io/release';
  const tag = text(values, 'global', 'tag') ?? '1.30.3';
  const image = text(values, 'global', 'proxy', 'image') ?? 'proxyv2';
  const revision = text(values, 'revision') ?? '';
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`;
  return {
    proxyImage: image.includes('/') ? image : `${hub}/${image}:${tag}`,
    requests: {
      cpu: text(values, 'global', 'proxy', 'resources', 'requests', 'cpu') ?? '100m',
      memory: text(values, 'global', 'proxy', 'resources', 'requests', 'memory') ?? '128Mi',
    },
    limits: {
      cpu: text(values, 'global', 'proxy', 'resources', 'limits', 'cpu') ?? '2000m',
      memory: text(values, 'global', 'proxy', 'resources', 'limits', 'memory') ?? '1024Mi',
    },
    discoveryAddress: `istiod${suffix}.${istioNamespace}.svc:15012`,
    revision,
    istioNamespace,
  };
}

function text(value: unknown, ...path: readonly string[]): string | undefined {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([key]) => key === name)?.[1];
  }
  return typeof current === 'string' && current !== '' ? current : undefined;
}
