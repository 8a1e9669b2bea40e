import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

import { nameFitting, namesOf } from '../../../net/certificate-facts.ts';
import { NetworkError, PlainTextError } from '../../../net/network.ts';
import { AUTHORITIES_PATH } from '../../../node/shell/authorities.ts';
import type { ClientTlsSettings } from '../../istio/destination-rule.ts';
import {
  credentialMaterial,
  fileMaterial,
  type Material,
  type MaterialSource,
} from './material.ts';

/** TLS that a proxy starts by itself (a DestinationRule's SIMPLE and MUTUAL). */
export interface Origination {
  readonly settings: ClientTlsSettings;
  /** The host of the request, for SNI and the certificate's name where the rule gives none; undefined for byte streams. */
  readonly host: string | undefined;
  /** The proxy's own namespace, where its Secrets are. */
  readonly namespace: string;
  readonly protocols: readonly string[];
}

/** TLS towards an endpoint could not be agreed on: `reason` in the words of Envoy's BoringSSL. */
export class TlsFailure extends NetworkError {
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super('ECONNREFUSED', `Cannot agree on TLS: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Why TLS with an endpoint, the mesh's own or that of a rule, could not be agreed on; undefined for what has nothing to do with TLS. */
export function tlsReasonOf(error: NetworkError): string | undefined {
  if (error instanceof TlsFailure) return error.reason;
  return error instanceof PlainTextError ? WRONG_VERSION : undefined;
}

/**
 * Starts TLS on a connection to an endpoint, as its DestinationRule says
 * (https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings). Certificates are checked against the
 * authorities that the rule names, else those of the proxy's image. Rejects with a `TlsFailure`, the connection gone.
 */
export async function originateTls(
  connection: Duplex,
  origination: Origination,
  source: MaterialSource,
): Promise<TLSSocket> {
  const { settings, host, namespace, protocols } = origination;
  const material = materialOf(settings, namespace, source);
  const isShown = material?.cert !== undefined && material.key !== undefined;
  if (!material || (settings.mode === 'MUTUAL' && !isShown)) {
    connection.destroy();
    // What Envoy says while SDS has not given it the certificate (secret_is_not_supplied_by_sds).
    throw new TlsFailure('TLS_error:Secret is not supplied by SDS');
  }
  const serverName = settings.sni || (host !== undefined && isName(host) ? host : undefined);
  const secure = start(connection, material, { serverName, protocols });
  connection.once('close', () => secure.destroy(new Error('The endpoint has broken off')));
  try {
    await once(secure, 'secureConnect');
  } catch (cause) {
    connection.destroy();
    throw new TlsFailure(reasonOf(cause), cause);
  }
  if (!settings.insecureSkipVerify && !isTrusted(secure, settings, serverName)) {
    secure.destroy();
    throw new TlsFailure(UNVERIFIED);
  }
  return secure;
}

function start(
  connection: Duplex,
  { cert, key, ca }: Material,
  {
    serverName,
    protocols,
  }: { readonly serverName: string | undefined; readonly protocols: readonly string[] },
): TLSSocket {
  try {
    const secure = connect({
      socket: connection,
      ca: ca === undefined ? [] : [ca],
      ...(cert !== undefined && key !== undefined && { cert, key }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      // Looked at when it is there: which names count is the rule's to say.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    secure.on('error', () => secure.destroy());
    return secure;
  } catch (cause) {
    connection.destroy();
    throw new TlsFailure('TLS_error:Invalid certificate or key', cause);
  }
}

function materialOf(
  settings: ClientTlsSettings,
  namespace: string,
  source: MaterialSource,
): Material | undefined {
  const { credentialName, mode } = settings;
  const found =
    credentialName !== undefined && credentialName !== ''
      ? credentialMaterial(credentialName, namespace, source)
      : fileMaterial(
          {
            cert: mode === 'MUTUAL' ? settings.clientCertificate : undefined,
            key: mode === 'MUTUAL' ? settings.privateKey : undefined,
            ca: settings.caCertificates,
          },
          source,
        );
  if (!found || found.ca !== undefined || settings.caCertificates) return found;
  const ca = source.readFile(AUTHORITIES_PATH);
  return ca === undefined ? found : { ...found, ca };
}

function isTrusted(
  secure: TLSSocket,
  { subjectAltNames = [] }: ClientTlsSettings,
  serverName: string | undefined,
): boolean {
  const certificate = secure.getPeerX509Certificate();
  if (!secure.authorized || !certificate) return false;
  const names = namesOf(certificate);
  if (subjectAltNames.length > 0) return subjectAltNames.some((one) => names.includes(one));
  // Istio's auto SAN validation: the name that was asked for.
  return serverName === undefined || nameFitting(serverName, names) !== undefined;
}

function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host);
}

const UNVERIFIED = tlsError('268435581', 'CERTIFICATE_VERIFY_FAILED');

/** TLS spoken to somebody who answers in plain text. */
const WRONG_VERSION = tlsError('268435703', 'WRONG_VERSION_NUMBER');

/** What OpenSSL calls an error, and BoringSSL's number and name of it. */
const REASONS: readonly (readonly [string, string])[] = [
  ['WRONG_VERSION_NUMBER', WRONG_VERSION],
  ['PACKET_LENGTH_TOO_LONG', WRONG_VERSION],
  ['UNKNOWN_CA', tlsError('268436504', 'TLSV1_ALERT_UNKNOWN_CA')],
  ['CERTIFICATE_REQUIRED', tlsError('268436572', 'TLSV1_ALERT_CERTIFICATE_REQUIRED')],
  ['HANDSHAKE_FAILURE', tlsError('268436496', 'SSLV3_ALERT_HANDSHAKE_FAILURE')],
  ['PROTOCOL_VERSION', tlsError('268436526', 'TLSV1_ALERT_PROTOCOL_VERSION')],
];

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS.find(([part]) => code.includes(part))?.[1] ?? 'TLS_error:Connection reset by peer';
}

function tlsError(number: string, name: string): string {
  return `TLS_error:|${number}:SSL routines:OPENSSL_internal:${name}:TLS_error_end`;
}
