import type { HttpRequest, HttpResponse } from '../../../net/http.ts';
import { type CallerIdentity, NetworkError, type NetworkInterface } from '../../../net/network.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import {
  connectionClosed,
  connectionRefused,
  connectionTimedOut,
  type ProxyAnswer,
  tlsFailed,
} from '../http/answers.ts';
import type { HttpStream } from '../http/stream.ts';
import type { MaterialSource } from '../tls/material.ts';
import { tlsReasonOf } from '../tls/originate.ts';
import { deliverSecurely } from '../tls/secure-delivery.ts';
import type { Failure } from './retries.ts';

export interface DeliveryOptions {
  readonly network: NetworkInterface;
  /** What the other side's proxy learns of this one. */
  readonly caller: () => CallerIdentity;
  /** Certificates for TLS that the proxy starts itself. */
  readonly material: MaterialSource;
  /** Headers in which those outside the mesh learn who calls. Default none. */
  readonly introduction?: (cluster: Cluster) => ReadonlyMap<string, string>;
}

/** A request and the endpoint that it goes to. */
export interface Delivery {
  readonly stream: HttpStream;
  readonly request: HttpRequest;
  readonly endpoint: Endpoint;
}

/** Hands a request to an endpoint: to the application beside a sidecar, else over the network. Rejects with a `NetworkError`. */
export function deliver(
  cluster: Cluster,
  { stream, request, endpoint }: Delivery,
  options: DeliveryOptions,
): Promise<HttpResponse> {
  return stream.manager.direction === 'INBOUND'
    ? deliverInside(endpoint.port, request, { stream, options })
    : deliverOutside(cluster, endpoint, { request, options });
}

function deliverOutside(
  cluster: Cluster,
  endpoint: Endpoint,
  { request, options }: { readonly request: HttpRequest; readonly options: DeliveryOptions },
): Promise<HttpResponse> {
  const { tls: settings, connectionPool } = cluster.policy;
  const mode = settings?.mode;
  const { network, caller, material } = options;
  if (!endpoint.hasSidecar && options.introduction) {
    for (const [name, value] of options.introduction(cluster)) request.headers.set(name, value);
  }
  if (settings && (mode === 'SIMPLE' || mode === 'MUTUAL')) {
    return deliverSecurely(request, { endpoint, settings, network, material });
  }
  const isMutual = speaksMutualTls(cluster, endpoint);
  return network.deliver(
    endpoint,
    request,
    {
      ...(isMutual && { ...caller(), serverName: serverNameOf(cluster) }),
      ...(cluster.isHttp2 && { isHttp2: true }),
    },
    parseDurationMs(connectionPool?.tcp?.connectTimeout),
  );
}

/** From a sidecar to the application beside it. */
function deliverInside(
  port: number,
  request: HttpRequest,
  { stream, options }: { readonly stream: HttpStream; readonly options: DeliveryOptions },
): Promise<HttpResponse> {
  const listener = options.network.listenerOn(port);
  return listener?.type === 'http'
    ? listener.handle(request, { ...stream.peer, ip: INBOUND_SOURCE_IP })
    : Promise.reject(new NetworkError('ECONNREFUSED', `Nothing listens on port ${port}`));
}

/** Where sidecars call their applications from, so that iptables lets that pass (upstream_bind_config). */
export const INBOUND_SOURCE_IP = '127.0.0.6';

/** Why there was no answer from an endpoint. */
export interface DeliveryFailure {
  readonly answer: ProxyAnswer;
  readonly failure: Failure;
}

/** What the caller gets for a request that an endpoint has not answered, in Envoy's words. */
export function failureOf(error: NetworkError, wasRetried: boolean): DeliveryFailure {
  const reason = tlsReasonOf(error);
  if (reason !== undefined) return { answer: tlsFailed(reason, wasRetried), failure: 'refused' };
  if (error.code === 'ECONNRESET') {
    return { answer: connectionClosed(wasRetried), failure: 'reset' };
  }
  const answer = error.code === 'ETIMEDOUT' ? connectionTimedOut : connectionRefused;
  return { answer: answer(wasRetried), failure: 'refused' };
}

/** Whether mutual TLS of the mesh is spoken to an endpoint: where the rule says so, else where a proxy is known to be (auto mTLS). */
export function speaksMutualTls({ policy }: Cluster, { hasSidecar }: Endpoint): boolean {
  const mode = policy.tls?.mode;
  return mode === undefined ? hasSidecar : mode === 'ISTIO_MUTUAL';
}

/** SNI of mutual TLS between proxies, if the rule has none of its own: `outbound_.9080_._.reviews.default.svc.cluster.local`. */
export function serverNameOf({ host, port, subset, policy }: Cluster): string {
  return policy.tls?.sni || `outbound_.${port}_.${subset}_.${host}`;
}
