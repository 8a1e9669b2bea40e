import type { X509Certificate } from 'node:crypto';

type NameType = 'DNS' | 'URI' | 'IP Address';
const ALL: readonly NameType[] = ['DNS', 'URI', 'IP Address'];

/** What a certificate is for: its DNS names, URIs and addresses (subjectAltName), or those of some types alone. */
export function namesOf(
  { subjectAltName = '' }: Pick<X509Certificate, 'subjectAltName'>,
  types: readonly NameType[] = ALL,
): readonly string[] {
  return subjectAltName.split(', ').flatMap((one) => {
    const type = types.find((known) => one.startsWith(`${known}:`));
    return type === undefined ? [] : [one.slice(type.length + 1)];
  });
}

/** The name of a certificate that a host goes by: its own, or `*.example.com`; undefined when it is for others. */
export function nameFitting(host: string, names: readonly string[]): string | undefined {
  const wildcard = `*.${host.split('.').slice(1).join('.')}`;
  return [host, wildcard].find((name) => names.includes(name));
}

/** SHA-256 of a certificate in hexadecimal, as x-forwarded-client-cert has it. */
export function certificateHash({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
