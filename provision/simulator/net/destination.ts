import type { Duplex } from 'node:stream';

import { httpBridge } from './http-bridge.ts';
import type { Caller, HttpRequest, HttpResponse, Peer } from './http.ts';
import { type Listener, NetworkError } from './network.ts';

/** An address at which something listens: a pod's, or one outside the cluster. */
export interface Destination {
  listenerOn(port: number): Listener | undefined;
  /** Whether a proxy answers there, which takes the mesh's mutual TLS. */
  takesMutualTls(port: number): boolean;
  /** A request that arrives. Rejects with a `NetworkError` when nothing there takes requests. */
  receive(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse>;
  /** A byte stream that arrives; the destination owns it from now on. */
  accept(port: number, connection: Duplex, from: Caller): void;
}

/** Hands a request to a listener; one that does not take requests resets the connection, as it would with bytes. */
export function serveRequest(
  listener: Listener | undefined,
  request: HttpRequest,
  { from, to }: { readonly from: Caller; readonly to: Peer },
): Promise<HttpResponse> {
  return listener?.type === 'http' ? listener.handle(request, from) : Promise.reject(refused(to));
}

/** Hands a byte stream to a listener; one for requests is spoken to in HTTP/1.1. */
export function serveConnection(
  listener: Listener | undefined,
  connection: Duplex,
  from: Caller,
): void {
  if (listener?.type === 'tcp') listener.accept(connection, from);
  else if (listener?.type === 'http' && listener.accept) listener.accept(connection, from);
  else if (listener?.type === 'http') httpBridge.accept(connection, from, listener.handle);
  else connection.destroy();
}

/** What a caller gets where nothing listens. */
export function refused({ ip, port }: Peer): NetworkError {
  return new NetworkError('ECONNREFUSED', `connect to ${ip}:${port}: Connection refused`);
}

/** What a caller gets whose packets are dropped on their way, once it has waited long enough. */
export function timedOut({ ip, port }: Peer): NetworkError {
  return new NetworkError('ETIMEDOUT', `connect to ${ip}:${port}: Connection timed out`);
}
