import { makeCertificate } from './certificate.ts';
import { newKeys, pkcs8Pem } from './keys.ts';

// Clients check certificates by their machine's time, whatever a cluster's clock says: these hold for long on both sides.
const VALIDITY = { notBeforeMs: Date.UTC(2024, 0, 1), notAfterMs: Date.UTC(2049, 0, 1) } as const;

/** An authority that no cluster owns, and what it signs; all PEM, and valid whatever time it is. */
export interface LastingAuthority {
  readonly certificate: string;
  /** Certificate and key of a server, or of a client, with these names. */
  issue(
    usage: 'server' | 'client',
    names: readonly string[],
  ): { readonly cert: string; readonly key: string };
}

/** A new authority with a key of its own. */
export function lastingAuthority(commonName: string): LastingAuthority {
  const keys = newKeys();
  const issuer = { commonName, ...keys };
  const { publicKey } = keys;
  return {
    certificate: makeCertificate({
      commonName,
      publicKey,
      issuer,
      usage: 'authority',
      ...VALIDITY,
    }),
    issue(usage, names) {
      const own = newKeys();
      const cert = makeCertificate({
        commonName: names[0] ?? '',
        publicKey: own.publicKey,
        issuer,
        usage,
        subjectAltNames: names,
        ...VALIDITY,
      });
      return { cert, key: pkcs8Pem(own.privateKey) };
    },
  };
}
