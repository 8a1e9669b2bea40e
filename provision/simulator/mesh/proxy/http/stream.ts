import type { JsonObject } from '../../../kinds/object.ts';
import type { HttpRequest } from '../../../net/http.ts';
import type { Peer } from '../../../net/http.ts';
import type { Caller } from '../../../net/network.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { HttpConnectionManager } from '../../xds/listener.ts';
import type { Route, VirtualHost } from '../../xds/route.ts';
import type { ProxyAnswer } from './answers.ts';

/** How a request came to the proxy. */
export interface Downstream {
  /** Who calls: a program of the pod, or another pod's proxy with its identity. */
  readonly peer: Caller;
  /** The address that the caller meant: of a service, or of this pod. */
  readonly destination: Peer;
  /** Whether the caller spoke TLS to this proxy, mutual or not. */
  readonly isSecure: boolean;
}

/**
 * One request on its way through a proxy: what filters look at and change, and what its log line, metrics and span are made of when
 * it is over (Envoy's StreamInfo).
 */
export interface HttpStream extends Downstream {
  readonly manager: HttpConnectionManager;
  readonly startMs: number;
  /** As it stands; filters and the router put another in its place. */
  request: HttpRequest;
  /** Path as the caller wrote it, for logs. */
  readonly originalPath: string;
  virtualHost: VirtualHost | undefined;
  route: Route | undefined;
  /** Where the request is meant to go, as far as that is known. */
  cluster: Cluster | undefined;
  /** Name of the cluster, even when there is none of that name; `-` before one is chosen. */
  clusterName: string;
  endpoint: Endpoint | undefined;
  /** From the request to the endpoint's answer, in milliseconds. */
  upstreamMs: number | undefined;
  /** Tries so far, the first included. */
  attempts: number;
  isDelayed: boolean;
  /** Payload of the token that was verified, and what it says of the caller. */
  token?: { readonly payload: JsonObject; readonly issuer: string; readonly subject: string };
  /** Why the upstream's connection could not be made, for logs. */
  transportFailure?: string;
  /** The span that this proxy makes for the request; set by tracing. */
  trace?: object;
}

/** A request that is over. */
export interface FinishedStream {
  readonly stream: HttpStream;
  readonly answer: ProxyAnswer;
  readonly durationMs: number;
}

/** A request that has just come in: nothing is known of where it goes. */
export function newStream(
  manager: HttpConnectionManager,
  request: HttpRequest,
  downstream: Downstream & { readonly startMs: number },
): HttpStream {
  return {
    ...downstream,
    manager,
    request,
    originalPath: request.path,
    virtualHost: undefined,
    route: undefined,
    cluster: undefined,
    clusterName: '-',
    endpoint: undefined,
    upstreamMs: undefined,
    attempts: 0,
    isDelayed: false,
  };
}
