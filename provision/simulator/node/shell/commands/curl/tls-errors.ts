import type { CurlError } from './transfer.ts';

/** How far a connection in TLS has come, and with whom. */
export interface SecurePlace {
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  /** Whether the other side has ended its half in order, rather than reset it. */
  readonly isOrderly: boolean;
  /** Whether the handshake was over. */
  readonly isAgreed: boolean;
}

const EXPLANATION = `
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the webpage mentioned above.`;

/** Why OpenSSL does not take a certificate, by Node's name for it. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
  UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unable to get local issuer certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to get local issuer certificate',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  CERT_SIGNATURE_FAILURE: 'certificate signature failure',
  INVALID_PURPOSE: 'unsuitable certificate purpose',
};

/** curl's exit status and sentence for what went wrong in TLS or after it (curl 8 with OpenSSL 3). */
export function tlsErrorOf(error: unknown, place: SecurePlace): CurlError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const untrusted = UNTRUSTED[code];
  if (untrusted !== undefined) {
    return { exitCode: 60, message: `SSL certificate problem: ${untrusted}${EXPLANATION}` };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const message = `SSL: no alternative certificate subject name matches target host name '${place.serverName}'${EXPLANATION}`;
    return { exitCode: 60, message };
  }
  const reason = opensslReason(error);
  if (reason !== undefined) {
    // TLS 1.3 servers tell what they think of the client's certificate when the client believes to be done.
    if (place.isAgreed) {
      return { exitCode: 56, message: `OpenSSL SSL_read: OpenSSL/3.5.4: ${reason}, errno 0` };
    }
    return { exitCode: 35, message: `TLS connect error: ${reason}` };
  }
  return broken(place);
}

/** `error:0A00010B:SSL routines::wrong version number` of what OpenSSL tells. */
function opensslReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, code, , reason] =
    /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:\n]*)/.exec(error.message) ?? [];
  return reason === undefined ? undefined : `error:${code}:SSL routines::${reason.trim()}`;
}

function broken({ isOrderly, isAgreed }: SecurePlace): CurlError {
  if (!isOrderly) {
    const exitCode = isAgreed ? 56 : 35;
    return { exitCode, message: 'Recv failure: Connection reset by peer' };
  }
  return isAgreed
    ? { exitCode: 52, message: 'Empty reply from server' }
    : {
        exitCode: 35,
        message: 'TLS connect error: error:0A000126:SSL routines::unexpected eof while reading',
      };
}
