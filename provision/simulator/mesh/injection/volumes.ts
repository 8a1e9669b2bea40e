import { isList, isObject } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';

/** A service account token for istiod's certificate authority, valid for 12 hours. */
export const ISTIO_TOKEN: JsonObject = {
  name: 'istio-token',
  projected: {
    sources: [
      {
        serviceAccountToken: {
          audience: 'istio-ca',
          expirationSeconds: 43_200,
          path: 'istio-token',
        },
      },
    ],
  },
};

/** The list of revoked certificates, which pods of gateways that istiod manages do not have. */
const REVOKED = 'istio-ca-crl';

/** The volumes behind the proxy's mounts. */
const VOLUMES: readonly JsonObject[] = [
  { name: 'workload-socket', emptyDir: {} },
  { name: 'credential-socket', emptyDir: {} },
  { name: 'workload-certs', emptyDir: {} },
  { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
  { name: 'istio-data', emptyDir: {} },
  {
    name: 'istio-podinfo',
    downwardAPI: {
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } },
      ],
    },
  },
  ISTIO_TOKEN,
  { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
  { name: REVOKED, configMap: { name: REVOKED, optional: true } },
];

/** What every injected proxy mounts. */
export const MOUNTS: readonly JsonObject[] = [
  { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
  { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
  { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
  { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
  { name: REVOKED, mountPath: '/var/run/secrets/istio/crl' },
  { name: 'istio-data', mountPath: '/var/lib/istio/data' },
  { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
  { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
  { name: 'istio-podinfo', mountPath: '/etc/istio/pod' },
];

/** Volumes and mounts of a gateway that istiod manages. */
export const MANAGED_GATEWAY_STORAGE = {
  volumes: VOLUMES.filter(({ name }) => name !== REVOKED),
  volumeMounts: MOUNTS.filter(({ name }) => name !== REVOKED),
} as const;

/** All volumes that injection adds: the proxy's, and what the annotations `sidecar.istio.io/userVolume` and `bootstrapOverride` ask for. */
export function proxyVolumes(annotations: Labels): readonly JsonObject[] {
  const bootstrap = annotations['sidecar.istio.io/bootstrapOverride'];
  return [
    ...VOLUMES,
    ...(bootstrap === undefined
      ? []
      : [{ name: 'custom-bootstrap-volume', configMap: { name: bootstrap } }]),
    ...named(annotations, 'sidecar.istio.io/userVolume'),
  ];
}

/** Mounts of the same annotations. */
export function userMounts(annotations: Labels): readonly JsonObject[] {
  const isBootstrap = annotations['sidecar.istio.io/bootstrapOverride'] !== undefined;
  return [
    ...(isBootstrap
      ? [{ name: 'custom-bootstrap-volume', mountPath: '/etc/istio/custom-bootstrap' }]
      : []),
    ...named(annotations, 'sidecar.istio.io/userVolumeMount'),
  ];
}

/**
 * An annotation that holds JSON: a map from names to the rest, or a list of named things.
 * @throws Error for an annotation that is neither
 */
function named(annotations: Labels, annotation: string): readonly JsonObject[] {
  const text = annotations[annotation];
  if (text === undefined) return [];
  const value = parsed(text, annotation);
  if (isList(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, rest]) => ({ name, ...(isObject(rest) ? rest : {}) }));
}

function parsed(text: string, annotation: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new Error(`could not read the annotation ${annotation}: ${String(cause)}`, { cause });
  }
}
