import type { FilterChain, Listener } from '../../xds/listener.ts';
import type { RouteConfiguration } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp, type Protocol } from '../registry/protocol.ts';
import type { MeshPort, MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { INBOUND_PASSTHROUGH, inboundName } from './clusters.ts';
import { PLAIN_HTTP } from './outbound-listeners.ts';
import { ANYTHING } from './outbound-routes.ts';
import { INBOUND_RETRIES } from './retries.ts';
import { securityFilters } from './security/filters.ts';
import { mutualTlsMode } from './security/peer-authentication.ts';

const INBOUND_PORT = 15_006;

/** A port of the pod, with the service and port that lead to it. */
export interface InboundPort {
  readonly port: number;
  readonly service: MeshService | undefined;
  readonly servicePort: MeshPort | undefined;
}

/** The services behind which a pod's ports stand, oldest first. */
export function inboundPorts(mesh: MeshSnapshot, node: ProxyNode): readonly InboundPort[] {
  const found = new Map<number, InboundPort>();
  for (const { port, service, servicePort } of indexOf(mesh).get(node.ip) ?? []) {
    const other = found.get(port);
    if (!other || service.createdAt < (other.service?.createdAt ?? '')) {
      found.set(port, { port, service, servicePort });
    }
  }
  return [...found.values()].toSorted((one, other) => one.port - other.port);
}

/** How a port of the pod takes connections: chains for mutual TLS and plain text, as PeerAuthentication has it. */
export function inboundChains(
  mesh: MeshSnapshot,
  node: ProxyNode,
  inbound: InboundPort,
): readonly FilterChain[] {
  const { port, service, servicePort } = inbound;
  const protocol: Protocol = servicePort?.protocol ?? 'Auto';
  const mode = mutualTlsMode(mesh, node, port);
  const security = securityFilters(mesh, node);
  const takes = [
    ...(mode === 'DISABLE' ? [] : (['tls'] as const)),
    ...(mode === 'STRICT' ? [] : (['raw_buffer'] as const)),
  ];
  const isKnown = service !== undefined;
  const destination = isKnown ? { destinationPort: port } : {};
  return takes.flatMap((transport): readonly FilterChain[] => {
    const tls = transport === 'tls' && { tls: { type: 'istio' as const } };
    const http: FilterChain = {
      name: isKnown ? `0.0.0.0_${port}` : 'virtualInbound-catchall-http',
      match: {
        ...destination,
        transport,
        ...(!isHttp(protocol) && {
          applicationProtocols: transport === 'tls' ? ISTIO_HTTP : PLAIN_HTTP,
        }),
        ...(isHttp(protocol) && transport === 'tls' && { applicationProtocols: ISTIO_ALL }),
      },
      ...tls,
      filter: {
        type: 'http',
        direction: 'INBOUND',
        isEdge: false,
        routes: inboundRoutes(inbound),
        filters: security.http,
      },
    };
    const cluster = isKnown ? inboundName(port) : INBOUND_PASSTHROUGH;
    const tcp: FilterChain = {
      name: isKnown ? `0.0.0.0_${port}` : 'virtualInbound',
      match: {
        ...destination,
        transport,
        ...(transport === 'tls' && { applicationProtocols: ISTIO_TCP }),
      },
      ...tls,
      filter: {
        type: 'tcp',
        clusters: [{ cluster, weight: 100 }],
        statPrefix: cluster,
        filters: security.tcp,
      },
    };
    if (isHttp(protocol)) return [http];
    return protocol === 'Auto' ? [http, tcp] : [tcp];
  });
}

/** The one listener behind which everything arrives. */
export function virtualInbound(mesh: MeshSnapshot, node: ProxyNode): Listener {
  const unknown: InboundPort = { port: 0, service: undefined, servicePort: undefined };
  return {
    name: 'virtualInbound',
    address: '0.0.0.0',
    port: INBOUND_PORT,
    direction: 'INBOUND',
    isVirtual: false,
    chains: [...inboundPorts(mesh, node), unknown].flatMap((inbound) =>
      inboundChains(mesh, node, inbound),
    ),
  };
}

function inboundRoutes({ port, service, servicePort }: InboundPort): RouteConfiguration {
  const cluster = service ? inboundName(port) : INBOUND_PASSTHROUGH;
  const host = service ? `${service.host}:${servicePort?.number ?? port}` : INBOUND_PASSTHROUGH;
  return {
    name: cluster,
    virtualHosts: [
      {
        name: service ? `inbound|http|${servicePort?.number ?? port}` : 'inbound|http|0',
        domains: ['*'],
        routes: [
          {
            name: 'default',
            match: ANYTHING,
            action: {
              type: 'route',
              clusters: [{ cluster, weight: 100 }],
              timeoutMs: 0,
              retries: INBOUND_RETRIES,
              mirrors: [],
              missingClusterStatus: 503,
            },
            operation: service ? `${host}/*` : host,
          },
        ],
      },
    ],
  };
}

/** What Istio's proxies say in ALPN: HTTP of theirs, TCP of theirs, both. */
const ISTIO_HTTP: readonly string[] = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const ISTIO_TCP: readonly string[] = ['istio-peer-exchange', 'istio'];
const ISTIO_ALL: readonly string[] = ['istio', 'istio-peer-exchange', ...ISTIO_HTTP];

interface Behind {
  readonly port: number;
  readonly service: MeshService;
  readonly servicePort: MeshPort;
}

/** Ports by the pod's address; one table for all proxies. */
const indexes = new WeakMap<MeshSnapshot, ReadonlyMap<string, readonly Behind[]>>();

function indexOf(mesh: MeshSnapshot): ReadonlyMap<string, readonly Behind[]> {
  let index = indexes.get(mesh);
  if (!index) {
    const all = mesh.services.flatMap((service) =>
      service.ports.flatMap((servicePort) =>
        servicePort.endpoints.map(({ ip, port }) => ({ ip, port, service, servicePort })),
      ),
    );
    index = Map.groupBy(all, ({ ip }) => ip);
    indexes.set(mesh, index);
  }
  return index;
}
