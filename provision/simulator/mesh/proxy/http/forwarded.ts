import { randomUUID } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

import type { HttpHeaders, HttpRequest } from '../../../net/http.ts';
import type { HttpConnectionManager } from '../../xds/listener.ts';
import { addClientCertificate } from './client-certificate.ts';
import type { Downstream } from './stream.ts';

/**
 * The request with what proxies say of where it comes from, in headers of its own: `x-request-id`, `x-forwarded-*`, and at gateways what
 * is believed of callers from outside; servers' proxies name the certificates of their callers and, as `own`, themselves
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers).
 */
export function forwarded(
  request: HttpRequest,
  { direction, isEdge, trustedProxies = 0 }: HttpConnectionManager,
  { peer, isSecure }: Downstream,
  own: string,
): HttpRequest {
  const headers = request.headers.clone();
  const scheme = isSecure ? 'https' : 'http';
  if (isEdge) {
    fromOutside(headers, peer.ip, trustedProxies);
    const { certificateDetails } = peer;
    if (certificateDetails !== undefined)
      headers.set('x-forwarded-client-cert', certificateDetails);
  }
  if (direction === 'INBOUND' && peer.identity !== undefined) {
    addClientCertificate(headers, own, peer);
  }
  if (!headers.has('x-request-id')) headers.set('x-request-id', randomUUID());
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme);
  return { ...request, headers };
}

/** What a gateway makes of what callers say of themselves: only as many proxies as it is told to trust are believed. */
function fromOutside(headers: HttpHeaders, peerIp: string, trustedProxies: number): void {
  const chain = (headers.get('x-forwarded-for') ?? '').split(',').map((address) => address.trim());
  const claimed = trustedProxies > 0 ? (chain.at(-trustedProxies) ?? '') : '';
  const clientIp = isIP(claimed) > 0 ? claimed : peerIp;
  appendForwardedFor(headers, peerIp);
  if (trustedProxies === 0) headers.delete('x-forwarded-proto');
  headers.delete('x-forwarded-client-cert');
  headers.delete('x-envoy-external-address');
  if (isPrivate(clientIp)) {
    headers.set('x-envoy-internal', 'true');
    return;
  }
  headers.set('x-envoy-external-address', clientIp);
  for (const name of INTERNAL) headers.delete(name);
}

/** Adds an address to the proxies and clients that a request has come from. */
export function appendForwardedFor(headers: HttpHeaders, ip: string): void {
  const before = headers.get('x-forwarded-for');
  headers.set('x-forwarded-for', before ? `${before},${ip}` : ip);
}

/** What only callers from inside may ask of Envoy. */
const INTERNAL = [
  'x-envoy-internal',
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-max-retries',
  'x-envoy-original-url',
  'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes',
  'x-envoy-retry-grpc-on',
  'x-envoy-retry-on',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-rq-timeout-ms',
];

const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('127.0.0.0', 8);
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fd00::', 8, 'ipv6');

function isPrivate(ip: string): boolean {
  const family = isIP(ip);
  return family > 0 && PRIVATE.check(ip, family === 6 ? 'ipv6' : 'ipv4');
}
