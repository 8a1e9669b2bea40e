import { generateKeyPairSync } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

import { makeCertificate } from '../../apiserver/pki/certificate.ts';

const AUTHORITY = 'Regatta simulated public CA';
// Clients check certificates by their machine's time, whatever a cluster's clock says: these hold for long on both sides.
const NOT_BEFORE_MS = Date.UTC(2024, 0, 1);
const NOT_AFTER_MS = Date.UTC(2049, 0, 1);
const VALIDITY = { notBeforeMs: NOT_BEFORE_MS, notAfterMs: NOT_AFTER_MS } as const;

interface Authority {
  readonly certificate: string;
  /** What a host of the world shows. */
  readonly identityFor: (name: string) => Identity;
}

/** A certificate and its key, as PEM and ready for TLS. */
interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly context: SecureContext;
}

let made: Authority | undefined;

/** The one authority that all clients in the simulated world trust; its key is made when it is first asked for. */
export function publicAuthority(): Authority {
  made ??= makeAuthority();
  return made;
}

function makeAuthority(): Authority {
  const keys = newKeys();
  const issuer = { commonName: AUTHORITY, ...keys };
  const identities = new Map<string, Identity>();
  const { publicKey } = keys;
  return {
    certificate: makeCertificate({
      commonName: AUTHORITY,
      publicKey,
      issuer,
      usage: 'authority',
      ...VALIDITY,
    }),
    identityFor(name) {
      const known = identities.get(name);
      if (known) return known;
      const own = newKeys();
      const cert = makeCertificate({
        commonName: name,
        publicKey: own.publicKey,
        issuer,
        usage: 'server',
        subjectAltNames: [name],
        ...VALIDITY,
      });
      const key = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const identity = { cert, key, context: createSecureContext({ cert, key }) };
      identities.set(name, identity);
      return identity;
    },
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}
