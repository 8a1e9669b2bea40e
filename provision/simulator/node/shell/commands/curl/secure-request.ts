import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { namesOf } from '../../../../net/certificate-facts.ts';
import { exchange, type HttpProtocol } from '../../../../net/http-client.ts';
import type { HttpRequest, HttpResponse } from '../../../../net/http.ts';
import type { NetworkInterface, Target } from '../../../../net/network.ts';
import { tlsErrorOf } from './tls-errors.ts';
import type { CurlError } from './transfer.ts';

/** What TLS said no to, as curl words it. */
export class SecureRequestError extends Error {
  readonly curl: CurlError;

  constructor(curl: CurlError, options: ErrorOptions) {
    super(curl.message, options);
    this.curl = curl;
  }
}

/** Where a request goes, and under which name the other side has to show a certificate. */
export interface SecureTarget extends Target {
  readonly serverName: string;
}

/** What a client of TLS trusts and shows. */
export interface SecureOptions {
  readonly isInsecure: boolean;
  /** PEM text of the authorities to trust; default none. */
  readonly authorities?: string | undefined;
  /** PEM text of the certificate that the client shows, and of its key. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Protocols offered by ALPN. Default HTTP/1.1 alone. */
  readonly protocols?: readonly HttpProtocol[];
  readonly minVersion?: ConnectionOptions['minVersion'];
  readonly maxVersion?: ConnectionOptions['maxVersion'];
}

/** What was agreed on in a handshake. */
export interface Secured {
  readonly version: string;
  readonly cipher: string;
  /** What the server chose by ALPN. */
  readonly protocol: string | undefined;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly altNames: readonly string[];
  readonly isVerified: boolean;
}

export interface SecureAnswer {
  readonly response: HttpResponse;
  readonly protocol: HttpProtocol;
  readonly secured: Secured;
}

/** Sends a request in TLS over a byte stream of the virtual network. Rejects with a `NetworkError` or a `SecureRequestError`. */
export async function requestSecurely(
  network: NetworkInterface,
  target: SecureTarget,
  request: HttpRequest,
  options: SecureOptions,
): Promise<HttpResponse> {
  const { response } = await exchangeSecurely(network, target, request, options);
  return response;
}

/** The same, with what was agreed on. */
export async function exchangeSecurely(
  network: NetworkInterface,
  target: SecureTarget,
  request: HttpRequest,
  options: SecureOptions,
): Promise<SecureAnswer> {
  const socket = await network.connect(target, request.signal);
  const secure = startTls(socket, target.serverName, options);
  let isOrderly = false;
  socket.once('end', () => (isOrderly = true));
  let secured: Secured | undefined;
  try {
    await once(secure, 'secureConnect');
    secured = securedOf(secure);
    const protocol = secured.protocol === 'h2' ? 'h2' : 'http/1.1';
    return { response: await exchange(secure, request, protocol), protocol, secured };
  } catch (cause) {
    request.signal?.throwIfAborted();
    const { host, port } = target;
    const place = { serverName: target.serverName, host, port };
    throw new SecureRequestError(
      tlsErrorOf(cause, { ...place, isOrderly, isAgreed: secured !== undefined }),
      { cause },
    );
  } finally {
    secure.destroy();
    socket.destroy();
  }
}

/**
 * The client's side of TLS on a byte stream; `alpn` is what it offers.
 * @throws SecureRequestError when the client's own certificate cannot be used
 */
export function startTls(
  socket: Duplex,
  serverName: string,
  options: SecureOptions,
  alpn: readonly string[] = options.protocols ?? ['http/1.1'],
): TLSSocket {
  const { isInsecure, authorities = '', certificate, key } = options;
  try {
    const secure = connectTls({
      socket,
      ca: authorities === '' ? [] : [authorities],
      rejectUnauthorized: !isInsecure,
      ...(certificate !== undefined && { cert: certificate, key: key ?? certificate }),
      ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      ...(options.minVersion && { minVersion: options.minVersion }),
      ...(options.maxVersion && { maxVersion: options.maxVersion }),
      // Addresses are checked against the certificate, but are no names for SNI.
      ...(/^[\d.]+$/.test(serverName) ? { host: serverName } : { servername: serverName }),
    });
    // What goes wrong after somebody has stopped waiting concerns nobody.
    for (const end of [socket, secure]) end.on('error', () => undefined);
    socket.once('close', () => secure.destroy(new Error('The connection has broken off')));
    return secure;
  } catch (cause) {
    socket.destroy();
    const message = 'unable to set private key file: the certificate and its key do not fit';
    throw new SecureRequestError({ exitCode: 58, message }, { cause });
  }
}

function securedOf(secure: TLSSocket): Secured {
  const certificate = secure.getPeerX509Certificate();
  const { standardName } = secure.getCipher();
  return {
    version: secure.getProtocol() ?? '',
    cipher: standardName,
    protocol: secure.alpnProtocol || undefined,
    subject: nameText(certificate?.subject),
    issuer: nameText(certificate?.issuer),
    notBefore: certificate?.validFrom ?? '',
    notAfter: certificate?.validTo ?? '',
    altNames: certificate ? namesOf(certificate, ['DNS']) : [],
    // Whether the name fits is another matter.
    isVerified: secure.authorized || String(secure.authorizationError).includes('ALTNAME'),
  };
}

/** `O=a\nCN=b` in one line. */
function nameText(name: string | undefined): string {
  return (name ?? '').split('\n').join('; ');
}
