import type { Secret } from '../../../kinds/types/core.ts';

/** Where a proxy finds certificates: in Secrets that istiod hands it, and in files of its pod. */
export interface MaterialSource {
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  readonly readFile: (path: string) => string | undefined;
}

/** Certificate, key and authorities of one side, as PEM. */
export interface Material {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/**
 * What a `credentialName` stands for: a Secret of type TLS, or one with `cert`, `key` and `cacert`; authorities may be in a Secret
 * of their own, `<name>-cacert` (https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/#key-formats).
 * undefined when there is no such Secret.
 */
export function credentialMaterial(
  name: string,
  namespace: string,
  { secret }: MaterialSource,
): Material | undefined {
  const found = secret(namespace, name);
  const authorities = secret(namespace, `${name}-cacert`);
  if (!found && !authorities) return undefined;
  const own = pick(found, 'cert', 'tls.crt');
  const key = pick(found, 'key', 'tls.key');
  const ca = pick(authorities, 'cacert', 'ca.crt') ?? pick(found, 'cacert', 'ca.crt');
  return {
    ...(own !== undefined && { cert: own }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
}

/** The same from files; a file that is not there leaves its part out. */
export function fileMaterial(
  paths: {
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly ca: string | undefined;
  },
  { readFile }: MaterialSource,
): Material {
  const read = (path: string | undefined) => (path ? readFile(path) : undefined);
  const [cert, key, ca] = [read(paths.cert), read(paths.key), read(paths.ca)];
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
}

function pick(secret: Secret | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = secret?.data?.[key];
    if (value !== undefined) return Buffer.from(value, 'base64').toString();
  }
  return undefined;
}
