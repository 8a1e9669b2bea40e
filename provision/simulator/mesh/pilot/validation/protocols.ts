/** Protocols of ports, in capitals or not (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/). */
const HTTP = new Set(['http', 'http2', 'http_proxy', 'grpc', 'grpc-web']);
const TLS = new Set(['https', 'tls']);
const TCP = new Set(['tcp', 'https', 'tls', 'mongo', 'redis', 'mysql']);

/** Whether Istio knows a protocol by that name, in any case of letters. */
export function isKnownProtocol(protocol: string): boolean {
  const name = protocol.toLowerCase();
  return name === 'udp' || HTTP.has(name) || TCP.has(name);
}

/** Whether a port's requests are routed one by one. */
export function isHttp(protocol: string): boolean {
  return HTTP.has(protocol.toLowerCase());
}

/** Whether a server with this protocol needs settings of TLS. */
export function isTls(protocol: string): boolean {
  return TLS.has(protocol.toLowerCase());
}

/** Whether a port's bytes are routed as a stream; TLS is. */
export function isStream(protocol: string): boolean {
  return TCP.has(protocol.toLowerCase());
}

/** An empty protocol is found out by looking at the bytes. */
export function protocolProblem(protocol: string): string | undefined {
  return protocol === '' || isKnownProtocol(protocol)
    ? undefined
    : `unsupported protocol: ${protocol}`;
}
