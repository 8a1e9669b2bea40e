import type { FilterChain, HttpConnectionManager, Listener, TcpProxy } from '../../xds/listener.ts';
import { isHttp, type Protocol } from '../registry/protocol.ts';
import type { MeshPort, MeshService } from '../registry/service.ts';
import { BLACK_HOLE, outboundName, PASSTHROUGH } from './clusters.ts';
import type { Scope } from './scope.ts';

const OUTBOUND_PORT = 15_001;

/**
 * The listener for what a program of the pod sends to an address: that of the address itself (TCP, and ports whose protocol is
 * found out), else that of the port (HTTP, where the Host header decides), else undefined, and `virtualOutbound` takes it.
 */
export function outboundListener(ip: string, port: number, scope: Scope): Listener | undefined {
  const service = scope.serviceAt(ip);
  const own = service?.ports.find(({ number }) => number === port);
  if (service && own && !isHttp(own.protocol)) return addressListener(service, own);
  return scope.servicesOn(port).some((one) => hasHttp(one, port)) ? httpListener(port) : undefined;
}

/** Every outbound listener of a proxy, for its pages; requests use `outboundListener`. */
export function outboundListeners(scope: Scope): readonly Listener[] {
  const shared = scope
    .ports()
    .filter((port) => scope.servicesOn(port).some((one) => hasHttp(one, port)))
    .map(httpListener);
  const own = scope.services.flatMap((service) =>
    service.ports
      .filter(({ protocol }) => !isHttp(protocol) && protocol !== 'UDP')
      .filter(() => service.addresses.length > 0)
      .map((port) => addressListener(service, port)),
  );
  return [...shared, ...own, virtualOutbound(scope)];
}

/** Takes what no other listener is for: on to where it wanted to go, or nowhere (outboundTrafficPolicy). */
export function virtualOutbound({ mesh }: Scope): Listener {
  const cluster = mesh.config.outboundTrafficPolicy === 'ALLOW_ANY' ? PASSTHROUGH : BLACK_HOLE;
  return {
    name: 'virtualOutbound',
    address: '0.0.0.0',
    port: OUTBOUND_PORT,
    direction: 'OUTBOUND',
    isVirtual: false,
    chains: [],
    defaultChain: {
      name: `virtualOutbound-catchall-tcp`,
      match: {},
      filter: tcpProxy(cluster),
    },
  };
}

function hasHttp({ ports }: MeshService, port: number): boolean {
  return ports.some(({ number, protocol }) => number === port && isHttp(protocol));
}

function httpListener(port: number): Listener {
  return {
    name: `0.0.0.0_${port}`,
    address: '0.0.0.0',
    port,
    direction: 'OUTBOUND',
    isVirtual: true,
    chains: [
      {
        name: 'http',
        match: { transport: 'raw_buffer', applicationProtocols: PLAIN_HTTP },
        filter: httpManager(String(port)),
      },
    ],
    defaultChain: { name: 'passthrough', match: {}, filter: tcpProxy(PASSTHROUGH) },
  };
}

function addressListener({ host, addresses }: MeshService, port: MeshPort): Listener {
  const [address = '0.0.0.0'] = addresses;
  const tcp: FilterChain = {
    name: 'tcp',
    match: {},
    filter: tcpProxy(outboundName(host, port.number)),
  };
  const isFoundOut: Protocol = 'Auto';
  return {
    name: `${address}_${port.number}`,
    address,
    port: port.number,
    direction: 'OUTBOUND',
    isVirtual: true,
    chains:
      port.protocol === isFoundOut
        ? [
            {
              name: 'http',
              match: { transport: 'raw_buffer', applicationProtocols: PLAIN_HTTP },
              filter: httpManager(`${host}:${port.number}`),
            },
          ]
        : [],
    defaultChain: tcp,
  };
}

/** What the HTTP inspector says of plain HTTP. */
export const PLAIN_HTTP: readonly string[] = ['http/1.1', 'h2c'];

function httpManager(routes: string): HttpConnectionManager {
  return { type: 'http', direction: 'OUTBOUND', isEdge: false, routes, filters: [] };
}

function tcpProxy(cluster: string): TcpProxy {
  return { type: 'tcp', clusters: [{ cluster, weight: 100 }], statPrefix: cluster, filters: [] };
}
