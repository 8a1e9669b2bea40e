import type { Tool } from '../../../../programs/program.ts';
import { output, refusal } from '../answer.ts';
import { sClient } from './s-client.ts';
import { x509 } from './x509.ts';

const VERSION = 'OpenSSL 3.0.13 30 Jan 2024 (Regatta simulator)\n';

/** openssl as far as one looks at the certificates of a mesh with it: `s_client`, `x509` and `version` (its manual pages). */
export const openssl: Tool = async ([command = '', ...args], context) => {
  if (command === 's_client') return sClient(args, context);
  if (command === 'x509') return x509(args, context);
  if (command === 'version') return output(VERSION);
  return refusal(
    `openssl: the simulator's openssl knows s_client, x509 and version, not "${command}"`,
  );
};
