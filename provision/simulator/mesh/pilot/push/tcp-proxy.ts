import type { TcpProxy } from '../../xds/listener.ts';

/** Hands connections on to one cluster. */
export function tcpProxy(cluster: string): TcpProxy {
  return { type: 'tcp', clusters: [{ cluster, weight: 100 }], statPrefix: cluster, filters: [] };
}
