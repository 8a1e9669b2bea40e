import type { ServicePort } from '../../../kinds/types/core.ts';

/** What a port carries (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/). */
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'UDP'
  | 'Mongo'
  | 'MySQL'
  | 'Redis'
  /** Found out from the first bytes of each connection. */
  | 'Auto';

const BY_NAME: Readonly<Record<string, Protocol>> = {
  http: 'HTTP',
  http2: 'HTTP2',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  https: 'HTTPS',
  tls: 'TLS',
  tcp: 'TCP',
  udp: 'UDP',
  mongo: 'Mongo',
  mysql: 'MySQL',
  redis: 'Redis',
};

/** appProtocol values of Kubernetes itself (https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol). */
const BY_APP_PROTOCOL: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/** By appProtocol, else by the port's name (`http`, `http-web`, `grpc-web-x`). */
export function protocolOf({ appProtocol, name, protocol }: ServicePort): Protocol {
  if (protocol === 'UDP') return 'UDP';
  if (appProtocol !== undefined) {
    return BY_APP_PROTOCOL[appProtocol] ?? protocolNamed(appProtocol);
  }
  return protocolNamed(name ?? '');
}

/** The protocol that a port's name begins with; `Auto` when it begins with none. */
export function protocolNamed(written: string): Protocol {
  const name = written.toLowerCase();
  if (name === 'grpc-web' || name.startsWith('grpc-web-')) return 'GRPC-Web';
  return BY_NAME[name.split('-')[0] ?? ''] ?? 'Auto';
}

/** Whether proxies look into what is sent, request by request. */
export function isHttp(protocol: Protocol): boolean {
  return ['HTTP', 'HTTP2', 'GRPC', 'GRPC-Web'].includes(protocol);
}

/** Whether the bytes are TLS, of which proxies read the SNI alone. */
export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}
