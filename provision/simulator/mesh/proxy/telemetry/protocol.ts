import type { HttpHeaders, HttpRequest } from '../../../net/http.ts';

/** Whether a request or answer is of gRPC, by its content type. */
export function isGrpc(headers: HttpHeaders): boolean {
  const type = headers.get('content-type');
  return type === 'application/grpc' || (type?.startsWith('application/grpc+') ?? false);
}

/** `HTTP/1.1`, or `HTTP/2` for gRPC, which speaks nothing else; undefined for connections. */
export function protocolOf({
  request,
}: {
  readonly request: HttpRequest | undefined;
}): string | undefined {
  if (!request) return undefined;
  return isGrpc(request.headers) ? 'HTTP/2' : 'HTTP/1.1';
}

/** Messages in a body of gRPC: each begins with a byte for compression and four of its length. */
export function countMessages(body: Uint8Array): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let messages = 0;
  for (let at = 0; at + 5 <= body.length; at += 5 + view.getUint32(at + 1)) messages++;
  return messages;
}
