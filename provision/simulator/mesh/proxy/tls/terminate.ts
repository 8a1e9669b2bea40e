import type { Duplex } from 'node:stream';
import type { SecureVersion, TLSSocket, TlsOptions } from 'node:tls';

import { namesOf } from '../../../net/certificate-facts.ts';
import { acceptTls } from '../../../net/tls-server.ts';
import type { ServerTls } from '../../istio/gateway.ts';
import {
  credentialMaterial,
  fileMaterial,
  type Material,
  type MaterialSource,
} from './material.ts';

/** How one server of a gateway ends TLS. */
export interface Termination {
  readonly settings: ServerTls;
  /** Where its Secrets are: the gateway pod's own namespace. */
  readonly namespace: string;
  /** What it offers by ALPN. */
  readonly protocols: readonly string[];
}

/**
 * Takes TLS off a connection to a gateway, by the Gateway's settings and with the certificates that its Secret has at this moment
 * (https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings). Rejects, with the connection reset, when
 * there is no usable Secret or the client cannot agree.
 */
export async function terminateTls(
  connection: Duplex,
  termination: Termination,
  source: MaterialSource,
): Promise<TLSSocket> {
  const options = serverOptions(termination, source);
  if (!options) throw new Error('The server has no certificate');
  const secure = await acceptTls(connection, options);
  if (!isWelcome(secure, termination.settings)) {
    secure.destroy();
    throw new Error('The client has shown a certificate that is not trusted');
  }
  return secure;
}

/** Node's settings for a server; undefined while its certificate is missing. */
function serverOptions(
  { settings, namespace, protocols }: Termination,
  source: MaterialSource,
): TlsOptions | undefined {
  const { mode = 'SIMPLE', cipherSuites = [] } = settings;
  const asksClient = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const { cert, key, ca } = materialOf(settings, namespace, source) ?? {};
  if (cert === undefined || key === undefined) return undefined;
  if (asksClient && ca === undefined) return undefined;
  return {
    cert,
    key,
    ALPNProtocols: [...protocols],
    minVersion: VERSIONS[settings.minProtocolVersion ?? ''] ?? 'TLSv1.2',
    maxVersion: VERSIONS[settings.maxProtocolVersion ?? ''] ?? 'TLSv1.3',
    ...(cipherSuites.length > 0 && { ciphers: cipherSuites.join(':') }),
    // Where a certificate is a matter of choice, one that is shown has to be good all the same.
    ...(asksClient && { ca, requestCert: true, rejectUnauthorized: mode === 'MUTUAL' }),
  };
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLSV1_0: 'TLSv1',
  TLSV1_1: 'TLSv1.1',
  TLSV1_2: 'TLSv1.2',
  TLSV1_3: 'TLSv1.3',
};

function materialOf(
  settings: ServerTls,
  namespace: string,
  source: MaterialSource,
): Material | undefined {
  const name = settings.credentialName ?? settings.credentialNames?.[0];
  if (name !== undefined && name !== '') return credentialMaterial(name, namespace, source);
  return fileMaterial(
    {
      cert: settings.serverCertificate,
      key: settings.privateKey,
      ca: settings.caCertificates,
    },
    source,
  );
}

function isWelcome(secure: TLSSocket, { mode, subjectAltNames = [] }: ServerTls): boolean {
  if (mode !== 'MUTUAL' && mode !== 'OPTIONAL_MUTUAL') return true;
  const certificate = secure.getPeerX509Certificate();
  if (!certificate) return mode === 'OPTIONAL_MUTUAL';
  if (!secure.authorized) return false;
  return (
    subjectAltNames.length === 0 ||
    namesOf(certificate).some((one) => subjectAltNames.includes(one))
  );
}
