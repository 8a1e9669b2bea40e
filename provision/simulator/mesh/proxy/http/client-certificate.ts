import { createHash, type X509Certificate } from 'node:crypto';

import { certificateHash, namesOf } from '../../../net/certificate-facts.ts';
import type { CallerIdentity, HttpHeaders } from '../../../net/http.ts';
import { remembering } from '../../../remember.ts';

/** What the application is told of the caller's certificate (x-forwarded-client-cert); one that nobody has looked at has a made-up hash. */
export function addClientCertificate(
  headers: HttpHeaders,
  own: string,
  { identity = '', certificateHash: hash = hashOf(identity) }: CallerIdentity,
): void {
  const chain = headers.get('x-forwarded-client-cert');
  const element = `By=${own};Hash=${hash};Subject="";URI=${identity}`;
  headers.set('x-forwarded-client-cert', chain === undefined ? element : `${chain},${element}`);
}

const hashOf = remembering((caller) => createHash('sha256').update(caller).digest('hex'));

/**
 * What a gateway says of the certificate of a client from outside (forward_client_cert_details SANITIZE_SET with certificate, subject and
 * names, as istiod sets it up).
 */
export function certificateDetails(certificate: X509Certificate): string {
  const named = (type: 'DNS' | 'URI') =>
    namesOf(certificate, [type]).map((name) => `${type}=${name}`);
  const uris = named('URI');
  return [
    `Hash=${certificateHash(certificate)}`,
    `Cert="${encodeURIComponent(certificate.toString())}"`,
    // The last part of the name first (RFC 2253).
    `Subject="${certificate.subject.split('\n').toReversed().join(',')}"`,
    ...(uris.length > 0 ? uris : ['URI=']),
    ...named('DNS'),
  ].join(';');
}
