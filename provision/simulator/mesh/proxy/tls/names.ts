import type { X509Certificate } from 'node:crypto';

/** What a certificate is for: its DNS names, URIs and addresses (subjectAltName). */
export function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName
    .split(', ')
    .flatMap((one) => /^(?:DNS|URI|IP Address):(.+)$/.exec(one)?.[1] ?? []);
}

/** Whether a name is one of a certificate's, `*.example.com` included. */
export function isNamed(name: string, names: readonly string[]): boolean {
  const wildcard = `*.${name.split('.').slice(1).join('.')}`;
  return names.includes(name) || names.includes(wildcard);
}
