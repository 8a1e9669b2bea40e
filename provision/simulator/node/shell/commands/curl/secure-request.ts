import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectTls } from 'node:tls';

import type { HttpRequest, HttpResponse } from '../../../../net/http.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import type { NetworkInterface, Target } from '../../../../net/network.ts';
import type { CurlOptions } from './options.ts';
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

/**
 * Sends a request in TLS over the virtual network's byte streams: to the API server, which speaks it, and to nobody else.
 * Rejects with a `NetworkError` or a `SecureRequestError`.
 */
export async function requestSecurely(
  network: NetworkInterface,
  target: SecureTarget,
  request: HttpRequest,
  { isInsecure, authorities = '' }: Pick<CurlOptions, 'isInsecure' | 'authorities'>,
): Promise<HttpResponse> {
  const socket = await network.connect(target, request.signal);
  const { serverName } = target;
  const secure = connectTls({
    socket,
    // Containers come without any authorities of their own.
    ca: authorities === '' ? [] : [authorities],
    rejectUnauthorized: !isInsecure,
    // Addresses are checked against the certificate, but are no names for SNI.
    ...(/^[\d.]+$/.test(serverName) ? { host: serverName } : { servername: serverName }),
  });
  // What goes wrong after somebody has stopped waiting concerns nobody.
  for (const end of [socket, secure]) end.on('error', () => undefined);
  try {
    await once(secure, 'secureConnect');
    const sending = httpRequest({
      createConnection: () => secure,
      method: request.method,
      path: request.path,
      headers: [
        ['host', request.authority],
        ['connection', 'close'],
        ...[...request.headers].map(([name, value]) => [name, value]),
      ].flat(),
      ...(request.signal && { signal: request.signal }),
    });
    sending.on('error', () => undefined);
    const answered: Promise<IncomingMessage[]> = once(sending, 'response');
    sending.end(request.body);
    const [response] = await answered;
    if (!response) throw new Error('no response');
    return await read(response);
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw new SecureRequestError(curlErrorOf(cause, serverName), { cause });
  } finally {
    secure.destroy();
    socket.destroy();
  }
}

async function read(response: IncomingMessage): Promise<HttpResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const headers = new HttpHeaders();
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
    headers.append(response.rawHeaders[i] ?? '', response.rawHeaders[i + 1] ?? '');
  }
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const EXPLANATION = `
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the webpage mentioned above.`;

function curlErrorOf(error: unknown, serverName: string): CurlError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (UNTRUSTED.has(code)) {
    const message = `SSL certificate problem: unable to get local issuer certificate${EXPLANATION}`;
    return { exitCode: 60, message };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const message = `SSL: no alternative certificate subject name matches target host name '${serverName}'${EXPLANATION}`;
    return { exitCode: 60, message };
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    const message = 'TLS connect error: error:0A00010B:SSL routines::wrong version number';
    return { exitCode: 35, message };
  }
  return { exitCode: 35, message: 'Recv failure: Connection reset by peer' };
}
