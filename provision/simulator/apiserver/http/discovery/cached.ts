import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';

import { sendJsonText } from '../exchange.ts';

/** Sends text with an ETag, or 304 to a client that has it already. */
export function sendCached(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  contentType: string,
): void {
  const etag = `"${createHash('sha256').update(text).digest('hex').toUpperCase()}"`;
  response.setHeader('cache-control', 'public');
  if (isKnown(request, response, etag)) return;
  sendJsonText(response, 200, text, contentType);
}

/** A body that is kept compressed. */
export interface CompressedBody {
  readonly gzipped: Buffer;
  /** Of the content; becomes its ETag. */
  readonly hash: string;
  readonly contentType: string;
}

/** Sends a compressed body, as it is to clients that take gzip; or 304 to one that has it already. */
export function sendCompressed(
  request: IncomingMessage,
  response: ServerResponse,
  { gzipped, hash, contentType }: CompressedBody,
): void {
  if (isKnown(request, response, `"${hash}"`)) return;
  response.setHeader('vary', 'Accept-Encoding, Accept');
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const bytes = takesGzip ? gzipped : gunzipSync(gzipped);
  response.writeHead(200, {
    'content-type': contentType,
    ...(takesGzip && { 'content-encoding': 'gzip' }),
    'content-length': bytes.length,
  });
  response.end(bytes);
}

function isKnown(request: IncomingMessage, response: ServerResponse, etag: string): boolean {
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] !== etag) return false;
  response.writeHead(304).end();
  return true;
}
