import { createSecureContext, type SecureContext } from 'node:tls';

import { lastingAuthority } from '../../apiserver/pki/lasting-authority.ts';

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
  const authority = lastingAuthority('Regatta simulated public CA');
  const identities = new Map<string, Identity>();
  return {
    certificate: authority.certificate,
    identityFor(name) {
      const known = identities.get(name);
      if (known) return known;
      const issued = authority.issue('server', [name]);
      const identity = { ...issued, context: createSecureContext(issued) };
      identities.set(name, identity);
      return identity;
    },
  };
}
