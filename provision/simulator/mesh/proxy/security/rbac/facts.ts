import type { JsonObject } from '../../../../kinds/object.ts';
import type { HttpRequest, Peer } from '../../../../net/http.ts';
import type { HttpStream } from '../../http/stream.ts';

/** What policies look at of a connection. */
export interface ConnectionFacts {
  /** Address of whoever is at the other end of the connection. */
  readonly sourceIp: string;
  /** The pod's own address and port, or those that a gateway listens on. */
  readonly destination: Peer;
  /** SPIFFE id of the peer's certificate; undefined without mutual TLS. */
  readonly principal: string | undefined;
  /** SNI. */
  readonly serverName: string | undefined;
}

/** What policies look at: a connection, or a request on it. */
export interface AccessFacts extends ConnectionFacts {
  /** Of the client that is believed to be behind proxies; for connections that of the peer. */
  readonly remoteIp: string;
  readonly http: HttpFacts | undefined;
}

export interface HttpFacts {
  readonly request: HttpRequest;
  /** Without the query. */
  readonly path: string;
  /** Of the token that was verified. */
  readonly claims: JsonObject | undefined;
}

/** The facts of a request, when its turn comes at the filter. */
export function factsOf(stream: HttpStream): AccessFacts {
  const { peer, request, destination, token } = stream;
  return {
    sourceIp: peer.ip,
    destination,
    principal: stream.isSecure ? peer.identity : undefined,
    serverName: peer.serverName,
    remoteIp: remoteIpOf(stream),
    http: {
      request,
      path: /^[^?#]*/.exec(request.path)?.[0] ?? '',
      claims: token?.payload,
    },
  };
}

/**
 * The trusted client address (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for): at
 * the edge, where the peer has been added to the header already, as many entries further left as there are trusted proxies; behind
 * it the last entry.
 */
function remoteIpOf({ manager, request, peer }: HttpStream): string {
  const header = request.headers.get('x-forwarded-for');
  if (header === undefined) return peer.ip;
  const entry = header
    .split(',')
    .at(-1 - (manager.trustedProxies ?? 0))
    ?.trim();
  return entry !== undefined && ADDRESS.test(entry) ? entry : peer.ip;
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i;
