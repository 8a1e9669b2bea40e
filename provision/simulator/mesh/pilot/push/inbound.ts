import type { Sidecar } from '../../istio/sidecar.ts';
import type { FilterChain, Listener } from '../../xds/listener.ts';
import type { RouteConfiguration } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp, type Protocol, protocolNamed } from '../registry/protocol.ts';
import type { MeshPort, MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { BLACK_HOLE, INBOUND_PASSTHROUGH, inboundName } from './clusters.ts';
import { patchedRoutes } from './envoy-filters.ts';
import { httpFilters } from './http-filters.ts';
import { PLAIN_HTTP } from './outbound-listeners.ts';
import { ANYTHING } from './outbound-routes.ts';
import { INBOUND_RETRIES } from './retries.ts';
import { securityFilters } from './security/filters.ts';
import { mutualTlsMode } from './security/peer-authentication.ts';
import { sidecarFor } from './sidecars.ts';
import { tcpProxy } from './tcp-proxy.ts';

const INBOUND_PORT = 15_006;

/** A port of the pod, with the service and port that lead to it. */
export interface InboundPort {
  readonly port: number;
  readonly service: MeshService | undefined;
  readonly servicePort: MeshPort | undefined;
  /** Where the application listens, as the Sidecar's ingress listener says; default: the port itself. */
  readonly application?: { readonly ip: string; readonly port: number };
}

/** The ports of a pod that something leads to: what its Sidecar's ingress lists, else the services' ports, of the oldest service. */
export function inboundPorts(mesh: MeshSnapshot, node: ProxyNode): readonly InboundPort[] {
  const found = servicePorts(mesh, node);
  const ingress = sidecarFor(mesh, node)?.spec?.ingress ?? [];
  if (ingress.length === 0) return found;
  return ingress.map((listener) => ingressPort(listener, found, node));
}

type IngressListener = NonNullable<NonNullable<Sidecar['spec']>['ingress']>[number];

function ingressPort(
  { port = {}, defaultEndpoint = '' }: IngressListener,
  known: readonly InboundPort[],
  { ip }: ProxyNode,
): InboundPort {
  const { number = 0, name = '', protocol = '' } = port;
  const found = known.find((one) => one.port === number);
  return {
    port: number,
    service: (found ?? known[0])?.service,
    servicePort: {
      number: found?.servicePort?.number ?? number,
      name,
      protocol: protocolNamed(protocol),
      endpoints: [],
    },
    application: applicationAt(defaultEndpoint, ip) ?? { ip, port: number },
  };
}

/** `127.0.0.1:8080`, `0.0.0.0:8080`; sockets of the file system are nothing that programs here listen on. */
function applicationAt(endpoint: string, ip: string): InboundPort['application'] {
  const [, address = '', port] = /^([\d.]*):(\d+)$/.exec(endpoint) ?? [];
  if (port === undefined) return undefined;
  return { ip: address === '0.0.0.0' ? ip : address, port: Number(port) };
}

/** The services behind which a pod's ports stand, oldest first. */
function servicePorts(mesh: MeshSnapshot, node: ProxyNode): readonly InboundPort[] {
  const found = new Map<number, InboundPort>();
  for (const { port, service, servicePort } of portsBehind(mesh, node.ip)) {
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
  const { port, servicePort } = inbound;
  const protocol: Protocol = servicePort?.protocol ?? 'Auto';
  const mode = mutualTlsMode(mesh, node, port);
  const security = securityFilters(mesh, node);
  const place = { context: 'SIDECAR_INBOUND', port: servicePort?.number ?? port } as const;
  const takes = [
    ...(mode === 'DISABLE' ? [] : (['tls'] as const)),
    ...(mode === 'STRICT' ? [] : (['raw_buffer'] as const)),
  ];
  const isKnown = servicePort !== undefined;
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
        ...(isHttp(protocol) &&
          transport === 'tls' &&
          mode !== 'STRICT' && { applicationProtocols: ISTIO_ALL }),
      },
      ...tls,
      filter: {
        type: 'http',
        direction: 'INBOUND',
        isEdge: false,
        routes: patchedRoutes(inboundRoutes(inbound), { mesh, node }, place),
        filters: httpFilters(mesh, node, place),
      },
    };
    const cluster = isKnown ? inboundName(port) : INBOUND_PASSTHROUGH;
    const tcp: FilterChain = {
      name: isKnown ? `0.0.0.0_${port}` : 'virtualInbound',
      match: {
        ...destination,
        transport,
        ...(transport === 'tls' && mode !== 'STRICT' && { applicationProtocols: ISTIO_TCP }),
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
    chains: [
      {
        name: 'virtualInbound-blackhole',
        match: { destinationPort: INBOUND_PORT },
        filter: tcpProxy(BLACK_HOLE),
      },
      ...[...inboundPorts(mesh, node), unknown].flatMap((inbound) =>
        inboundChains(mesh, node, inbound),
      ),
    ],
  };
}

function inboundRoutes({ port, service, servicePort }: InboundPort): RouteConfiguration {
  const cluster = servicePort ? inboundName(port) : INBOUND_PASSTHROUGH;
  const host = service ? `${service.host}:${servicePort?.number ?? port}` : cluster;
  return {
    name: cluster,
    virtualHosts: [
      {
        name: `inbound|http|${servicePort?.number ?? 0}`,
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

/** A port of a pod, and a service's port that leads there. */
export interface Behind {
  readonly port: number;
  readonly service: MeshService;
  readonly servicePort: MeshPort;
}

/** Ports by the pod's address; one table for all proxies. */
const indexes = new WeakMap<MeshSnapshot, ReadonlyMap<string, readonly Behind[]>>();

/** All that leads to the pod at an address. */
export function portsBehind(mesh: MeshSnapshot, ip: string): readonly Behind[] {
  return indexOf(mesh).get(ip) ?? [];
}

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
