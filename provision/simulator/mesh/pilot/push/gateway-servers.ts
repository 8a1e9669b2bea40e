import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { Gateway, GatewayServer } from '../../istio/gateway.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';

/** A server of a Gateway, at the port that a gateway's pod listens on. */
export interface BoundServer {
  readonly gateway: Gateway;
  /** `namespace/name` of the Gateway. */
  readonly gatewayName: string;
  readonly server: GatewayServer;
  /** The target port of the gateway's Service. */
  readonly port: number;
}

/** Servers of all Gateways that select a pod, in order of age. */
export function boundServers(mesh: MeshSnapshot, node: ProxyNode): readonly BoundServer[] {
  return mesh.gateways
    .filter(({ spec }) => matchesLabels(spec?.selector, node.labels))
    .flatMap((gateway) =>
      (gateway.spec?.servers ?? []).map((server) => ({
        gateway,
        gatewayName: `${gateway.metadata.namespace ?? 'default'}/${gateway.metadata.name}`,
        server,
        port: server.port.targetPort ?? targetPort(mesh, node.ip, server.port.number),
      })),
    );
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

/** `http.8080`, `https.8443.https.bookinfo-gateway.default` */
export function gatewayRouteName({ gateway, server, port }: BoundServer): string {
  const { protocol, name = '' } = server.port;
  if (/^https$/i.test(protocol) && server.tls && !server.tls.httpsRedirect) {
    const { name: gatewayName, namespace = 'default' } = gateway.metadata;
    return `https.${server.port.number}.${name}.${gatewayName}.${namespace}`;
  }
  return `http.${port}`;
}

/** A server names the Service's port or the pod's own; the pod listens on its own. */
function targetPort(mesh: MeshSnapshot, ip: string, wanted: number): number {
  for (const { ports } of mesh.services) {
    const port = ports.find(({ number }) => number === wanted);
    const endpoint = port?.endpoints.find((one) => one.ip === ip);
    if (endpoint) return endpoint.port;
  }
  return wanted;
}
