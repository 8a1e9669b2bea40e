import type { CallerIdentity, HttpHeaders, HttpRequest } from '../../../net/http.ts';

/** Whether a request or answer is of gRPC, by its content type. */
export function isGrpc(headers: HttpHeaders): boolean {
  const type = headers.get('content-type');
  return type === 'application/grpc' || (type?.startsWith('application/grpc+') ?? false);
}

/** How a request has come to a proxy: `HTTP/1.1`, or `HTTP/2`; undefined for connections. */
export function protocolOf({ request, downstreamRemote }: Received): string | undefined {
  if (!request) return undefined;
  return isHttp2(request.headers, downstreamRemote) ? 'HTTP/2' : 'HTTP/1.1';
}

/** Whether a request has come in HTTP/2; gRPC speaks nothing else. */
export function isHttp2(headers: HttpHeaders, caller: CallerIdentity): boolean {
  return (caller.isHttp2 ?? false) || isGrpc(headers);
}

interface Received {
  readonly request: HttpRequest | undefined;
  readonly downstreamRemote: CallerIdentity;
}

/** Messages in a body of gRPC: each begins with a byte for compression and four of its length. */
export function countMessages(body: Uint8Array): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let messages = 0;
  for (let at = 0; at + 5 <= body.length; at += 5 + view.getUint32(at + 1)) messages++;
  return messages;
}
