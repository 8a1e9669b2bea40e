import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import { overlaps } from '../../hosts.ts';
import type { Gateway, GatewayServer } from '../../istio/gateway.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { portsBehind } from './inbound.ts';

/** A server of a Gateway, at the port that a gateway's pod listens on. */
export interface BoundServer {
  readonly gateway: Gateway;
  /** `namespace/name` of the Gateway. */
  readonly gatewayName: string;
  readonly server: GatewayServer;
  /** The target port of the gateway's Service. */
  readonly port: number;
  /** `0.0.0.0`, or the server's own address. */
  readonly bind: string;
}

/**
 * Servers of all Gateways that select a pod, in order of age, without those that Istio leaves out: on a port that an older server
 * uses for something else, or with a host of TLS that an older server has.
 */
export function boundServers(mesh: MeshSnapshot, node: ProxyNode): readonly BoundServer[] {
  const bound: BoundServer[] = [];
  const kinds = new Map<string, string>();
  const secureHosts = new Set<string>();
  for (const one of wantedServers(mesh, node)) {
    const place = `${one.bind}:${one.port}`;
    const kind = kindOf(one);
    const known = kinds.get(place);
    if (known !== undefined && (known !== kind || kind === 'tcp')) continue;
    if (kind === 'tls') {
      const hosts = one.server.hosts.map((host) => `${place} ${withoutNamespace(host)}`);
      if (hosts.some((host) => secureHosts.has(host))) continue;
      for (const host of hosts) secureHosts.add(host);
    }
    kinds.set(place, kind);
    bound.push(one);
  }
  return bound;
}

function wantedServers(mesh: MeshSnapshot, node: ProxyNode): readonly BoundServer[] {
  return mesh.gateways
    .filter((gateway) => isFor(gateway, mesh, node))
    .flatMap((gateway) =>
      (gateway.spec?.servers ?? []).map((server) => ({
        gateway,
        gatewayName: `${gateway.metadata.namespace ?? 'default'}/${gateway.metadata.name}`,
        server,
        port: server.port.targetPort ?? targetPort(mesh, node.ip, server.port.number),
        bind: server.bind || '0.0.0.0',
      })),
    );
}

/** Annotation with the full names of the Services that a Gateway of the Gateway API is reached by. */
export const GATEWAY_SERVICES = 'internal.istio.io/gateway-service';

/** By the selector, or for the Gateway API by the Services that the pod is behind. */
function isFor({ metadata, spec }: Gateway, mesh: MeshSnapshot, node: ProxyNode): boolean {
  const services = metadata.annotations?.[GATEWAY_SERVICES]?.split(',');
  if (!services) return matchesLabels(spec?.selector, node.labels);
  return portsBehind(mesh, node.ip).some(({ service }) => services.includes(service.host));
}

/** What a port is used for: requests in plain text, TLS told apart by host, bytes. */
function kindOf(server: BoundServer): 'http' | 'tls' | 'tcp' {
  const { tls } = server.server;
  if (tls && !tls.httpsRedirect) return 'tls';
  return isHttpServer(server) ? 'http' : 'tcp';
}

/** Whether requests, not bytes, are routed there: plain HTTP, or TLS that ends here. */
export function isHttpServer({ server: { port, tls } }: BoundServer): boolean {
  if (/^(http|http2|grpc|grpc-web)$/i.test(port.protocol)) return true;
  return /^https$/i.test(port.protocol) && (tls === undefined || endsTls(tls.mode));
}

/** Whether the gateway takes the TLS off. */
export function endsTls(mode: string | undefined): boolean {
  return mode !== 'PASSTHROUGH' && mode !== 'AUTO_PASSTHROUGH';
}

/** `http.8080`, `http.8080.10.0.0.1`, `https.443.https.bookinfo-gateway.default` */
export function gatewayRouteName({ gateway, server, port, bind }: BoundServer): string {
  const { protocol, name = '' } = server.port;
  if (/^https$/i.test(protocol) && server.tls && !server.tls.httpsRedirect) {
    const { name: gatewayName, namespace = 'default' } = gateway.metadata;
    return `https.${server.port.number}.${name}.${gatewayName}.${namespace}`;
  }
  return bind === '0.0.0.0' ? `http.${port}` : `http.${port}.${bind}`;
}

/** A server's host without the namespaces that it admits. */
export function withoutNamespace(host: string): string {
  return host.replace(/^.*\//, '');
}

/** Whether a server takes VirtualServices of a namespace for a host: `prod/*`, `./*.example.com`. */
export function admits(
  { server, gatewayName }: BoundServer,
  namespace: string,
  host: string,
): boolean {
  return server.hosts.some((written) => {
    const [from, rest] = written.includes('/') ? written.split('/') : ['*', written];
    const isFrom =
      from === '*' ||
      from === namespace ||
      (from === '.' && gatewayName.split('/')[0] === namespace);
    return isFrom && overlaps(rest ?? '', host);
  });
}

/** A server names the Service's port or the pod's own; the pod listens on its own. */
function targetPort(mesh: MeshSnapshot, ip: string, wanted: number): number {
  const behind = portsBehind(mesh, ip).find(({ servicePort }) => servicePort.number === wanted);
  return behind?.port ?? wanted;
}
