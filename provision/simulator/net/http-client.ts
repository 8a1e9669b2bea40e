import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex, Readable } from 'node:stream';

import type { HttpRequest, HttpResponse } from './http.ts';
import { BODY_BYTES } from './limits.ts';
import { readWhole } from './read-whole.ts';
import { headersOfHttp1, headersOfHttp2, HOP_HEADERS } from './wire-headers.ts';

/** Protocols that a byte stream is spoken to in, by their names in ALPN. */
export type HttpProtocol = 'http/1.1' | 'h2';

/**
 * Sends one request over a byte stream and reads the whole answer; the stream is of no use afterwards, the caller ends it.
 * Rejects with the stream's or the parser's error, and when the answer is longer than the network carries.
 */
export function exchange(
  connection: Duplex,
  request: HttpRequest,
  protocol: HttpProtocol,
): Promise<HttpResponse> {
  return protocol === 'h2'
    ? exchangeHttp2(connection, request)
    : exchangeHttp1(connection, request);
}

async function exchangeHttp1(connection: Duplex, request: HttpRequest): Promise<HttpResponse> {
  const sending = httpRequest({
    createConnection: () => connection,
    method: request.method,
    path: request.path,
    headers: [
      'host',
      request.authority,
      ...[...request.headers].flat(),
      // Node keeps no connection of ours for later.
      'connection',
      'close',
    ],
    ...(request.signal && { signal: request.signal }),
  });
  // Told by the rejection of what is awaited; later errors concern nobody.
  sending.on('error', () => undefined);
  const answered: Promise<IncomingMessage[]> = once(sending, 'response');
  sending.end(request.body);
  const [response] = await answered;
  if (!response) throw new Error('Cannot read an answer: there is none');
  const headers = headersOfHttp1(response.rawHeaders);
  return { status: response.statusCode ?? 0, headers, body: await readAll(response) };
}

async function exchangeHttp2(connection: Duplex, request: HttpRequest): Promise<HttpResponse> {
  const session = connectHttp2(`https://${request.authority}`, {
    createConnection: () => connection,
  });
  const failed = new Promise<never>((_resolve, reject) => {
    session.once('error', reject);
    session.once('close', () => reject(new Error('The session has ended without an answer')));
  });
  failed.catch(() => undefined);
  try {
    const hasBody = request.body.length > 0;
    const stream = session.request(
      {
        ':method': request.method,
        ':path': request.path,
        ':authority': request.authority,
        ':scheme': 'https',
        ...Object.fromEntries(
          [...request.headers].filter(([name]) => name !== 'host' && !HOP_HEADERS.has(name)),
        ),
      },
      { endStream: !hasBody },
    );
    // From the start: an answer without a body may have ended by the time its headers are looked at.
    const reading = readAll(stream);
    reading.catch(() => undefined);
    const answered: Promise<[IncomingHttpHeaders]> = new Promise((resolve, reject) => {
      stream.once('response', (headers) => resolve([headers]));
      stream.once('error', reject);
    });
    if (hasBody) stream.end(request.body);
    const [received] = await Promise.race([answered, failed]);
    return {
      status: Number(received[':status'] ?? 0),
      headers: headersOfHttp2(received),
      body: await Promise.race([reading, failed]),
    };
  } finally {
    session.destroy();
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const body = await readWhole(stream, BODY_BYTES);
  if (!body) throw new Error(`Cannot read an answer of more than ${BODY_BYTES} bytes`);
  return body;
}
