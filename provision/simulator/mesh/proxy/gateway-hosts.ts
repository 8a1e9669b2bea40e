import type { Labels } from '../../kinds/object.ts';
import { matchesLabels } from '../../kinds/selectors/labels.ts';
import type { GatewayServer } from '../istio/types.ts';
import { fullHost, type MeshSnapshot } from '../pilot/snapshot.ts';
import { type CompiledRoute, compileRoutes } from './routing/route-table.ts';

/** One open port of a gateway: what each host's requests meet there. */
export interface GatewayListener {
  /** Port that the proxy listens on: the target port of the gateway's Service. */
  readonly port: number;
  readonly redirectsToHttps: boolean;
  /** Rules by host pattern, exact names before wildcards before `*`. */
  readonly hosts: readonly {
    readonly pattern: string;
    readonly routes: readonly CompiledRoute[];
  }[];
}

/**
 * The listeners of a gateway pod: servers of all Gateways that select it, with the VirtualServices bound to them. Rules of the
 * same host merge in order of age, those that match everything last (Istio's page "Traffic Management Best Practices").
 */
export function gatewayListeners(
  snapshot: MeshSnapshot,
  pod: { readonly ip: string; readonly labels: Labels; readonly namespace: string },
): readonly GatewayListener[] {
  const listeners = new Map<number, OpenPort>();
  for (const gateway of snapshot.gateways) {
    if (!matchesLabels(gateway.spec?.selector, pod.labels)) continue;
    for (const server of (gateway.spec?.servers ?? []).filter(isSimulated)) {
      const port = targetPort(snapshot, pod.ip, server.port.number);
      const listener = listeners.get(port) ?? { redirectsToHttps: false, hosts: new Map() };
      listeners.set(port, listener);
      listener.redirectsToHttps ||= server.tls?.httpsRedirect ?? false;
      addRoutes(listener.hosts, snapshot, {
        name: `${gateway.metadata.namespace ?? 'default'}/${gateway.metadata.name}`,
        serverHosts: server.hosts,
        port: server.port.number,
        pod,
      });
    }
  }
  return [...listeners].map(([port, { redirectsToHttps, hosts }]) => ({
    port,
    redirectsToHttps,
    hosts: [...hosts]
      .toSorted(([a], [b]) => specificity(b) - specificity(a))
      .map(([pattern, routes]) => ({ pattern, routes: catchAllsLast(routes) })),
  }));
}

/** The rules for a Host header; undefined when no host of the listener fits. */
export function routesForHost(
  listener: GatewayListener,
  authority: string,
): readonly CompiledRoute[] | undefined {
  const host = authority.replace(/:\d+$/, '').toLowerCase();
  return listener.hosts.find(({ pattern }) => matchesHost(pattern, host))?.routes;
}

interface OpenPort {
  redirectsToHttps: boolean;
  readonly hosts: Map<string, CompiledRoute[]>;
}

/** Terminated TLS is not simulated: such a port stays closed. */
function isSimulated({ port, tls }: GatewayServer): boolean {
  return /^(http|http2|grpc|https)$/i.test(port.protocol) && (!tls || tls.httpsRedirect === true);
}

interface BoundServer {
  /** `namespace/name` of the Gateway. */
  readonly name: string;
  readonly serverHosts: readonly string[];
  readonly port: number;
  readonly pod: { readonly labels: Labels; readonly namespace: string };
}

function addRoutes(
  hosts: Map<string, CompiledRoute[]>,
  snapshot: MeshSnapshot,
  server: BoundServer,
): void {
  for (const service of snapshot.virtualServices) {
    const namespace = service.metadata.namespace ?? 'default';
    const bound = (service.spec?.gateways ?? []).map((name) =>
      name.includes('/') ? name : `${namespace}/${name}`,
    );
    if (!bound.includes(server.name)) continue;
    const source = {
      ...server.pod,
      gateways: [server.name, server.name.split('/')[1] ?? ''],
      port: server.port,
    };
    const routes = compileRoutes(service, source);
    for (const host of service.spec?.hosts ?? []) {
      const pattern = fullHost(host, namespace);
      if (!server.serverHosts.some((allowed) => overlaps(allowed.replace(/^.*\//, ''), pattern)))
        continue;
      hosts.set(pattern, [...(hosts.get(pattern) ?? []), ...routes]);
    }
  }
}

/** A server names the Service's port or the pod's own; the pod listens on its own. */
function targetPort(snapshot: MeshSnapshot, ip: string, wanted: number): number {
  for (const { ports } of snapshot.services.values()) {
    const port = ports.find((one) => one.port.port === wanted);
    const endpoint = port?.endpoints.find((one) => one.ip === ip);
    if (endpoint) return endpoint.port;
  }
  return wanted;
}

function catchAllsLast(routes: readonly CompiledRoute[]): readonly CompiledRoute[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}

function isCatchAll({ matches }: CompiledRoute): boolean {
  return matches.length === 0;
}

function matchesHost(pattern: string, host: string): boolean {
  return (
    pattern === '*' ||
    pattern === host ||
    (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)))
  );
}

function overlaps(a: string, b: string): boolean {
  return matchesHost(a, b) || matchesHost(b, a);
}

function specificity(pattern: string): number {
  if (pattern === '*') return 0;
  return pattern.startsWith('*') ? pattern.length : 1_000 + pattern.length;
}
