/** Parts of built-in objects with a URL of their own, besides status and scale, for discovery. */

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Group and version of `kind` when they are not the resource's. */
  readonly groupVersion?: string;
  readonly verbs: readonly string[];
}

const EXEC_VERBS = ['create', 'get'];
const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

const SUBRESOURCES: Readonly<Record<string, readonly Subresource[]>> = {
  '/namespaces': [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  '/nodes': [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: PROXY_VERBS }],
  '/pods': [
    { name: 'attach', kind: 'PodAttachOptions', verbs: EXEC_VERBS },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', groupVersion: 'policy/v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: EXEC_VERBS },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: EXEC_VERBS },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: PROXY_VERBS },
    { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  '/serviceaccounts': [
    {
      name: 'token',
      kind: 'TokenRequest',
      groupVersion: 'authentication.k8s.io/v1',
      verbs: ['create'],
    },
  ],
  '/services': [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: PROXY_VERBS }],
  'certificates.k8s.io/certificatesigningrequests': [
    { name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
  ],
};

const STATUS_VERBS = ['get', 'patch', 'update'];

/** All subresources of a kind, by name. */
export function subresourcesOf(kind: {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
}): readonly Subresource[] {
  const own = SUBRESOURCES[`${kind.group}/${kind.plural}`] ?? [];
  return [
    ...own,
    ...(kind.hasScale
      ? [{ name: 'scale', kind: 'Scale', groupVersion: 'autoscaling/v1', verbs: STATUS_VERBS }]
      : []),
    ...(kind.hasStatus ? [{ name: 'status', kind: kind.kind, verbs: STATUS_VERBS }] : []),
  ].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
