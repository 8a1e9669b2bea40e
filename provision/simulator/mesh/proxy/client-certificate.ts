import { createHash } from 'node:crypto';

import type { HttpHeaders } from '../../net/http.ts';
import { remembering } from '../../remember.ts';

/** What the application is told of the caller's certificate (x-forwarded-client-cert); simulated identities have a made-up hash. */
export function addClientCertificate(headers: HttpHeaders, own: string, caller: string): void {
  const chain = headers.get('x-forwarded-client-cert');
  const element = `By=${own};Hash=${hashOf(caller)};Subject="";URI=${caller}`;
  headers.set('x-forwarded-client-cert', chain === undefined ? element : `${chain},${element}`);
}

const hashOf = remembering((caller) => createHash('sha256').update(caller).digest('hex'));
