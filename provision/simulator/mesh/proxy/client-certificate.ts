import { createHash } from 'node:crypto';

import type { CallerIdentity, HttpHeaders } from '../../net/http.ts';
import { remembering } from '../../remember.ts';

/** What the application is told of the caller's certificate (x-forwarded-client-cert); one that nobody has looked at has a made-up hash. */
export function addClientCertificate(
  headers: HttpHeaders,
  own: string,
  { identity = '', certificateHash = hashOf(identity) }: CallerIdentity,
): void {
  const chain = headers.get('x-forwarded-client-cert');
  const element = `By=${own};Hash=${certificateHash};Subject="";URI=${identity}`;
  headers.set('x-forwarded-client-cert', chain === undefined ? element : `${chain},${element}`);
}

const hashOf = remembering((caller) => createHash('sha256').update(caller).digest('hex'));
