import { generateKeyPairSync } from 'node:crypto';

import { makeCertificate } from '../../../apiserver/pki/certificate.ts';

/** An authority of a test's own, and what it signs. */
export interface TestAuthority {
  readonly certificate: string;
  /** Certificate and key of a server, or of a client, with these names. */
  issue(
    usage: 'server' | 'client',
    names: readonly string[],
  ): { readonly cert: string; readonly key: string };
}

// Clients of TLS go by the machine's time, whatever a test's clock says.
const VALIDITY = { notBeforeMs: Date.UTC(2024, 0, 1), notAfterMs: Date.UTC(2049, 0, 1) } as const;

/** A new authority; its certificates are good for as long as tests are run. */
export function testAuthority(commonName = 'example Inc.'): TestAuthority {
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
      return { cert, key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}
