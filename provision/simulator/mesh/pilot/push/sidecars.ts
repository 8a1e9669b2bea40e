import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import { fullHost, matchesHost } from '../../hosts.ts';
import type { Sidecar } from '../../istio/sidecar.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import type { ProxyNode } from '../node.ts';
import { type Protocol, protocolNamed } from '../registry/protocol.ts';
import type { MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';

/** One egress listener of a Sidecar, or the only one where no Sidecar says anything. */
export interface Egress {
  /** undefined: all ports that no other listener is for. */
  readonly port?: number;
  readonly protocol?: Protocol;
  /** Address on which it listens. */
  readonly bind?: string;
  readonly services: readonly MeshService[];
  readonly virtualServices: readonly VirtualService[];
}

/** What may be seen before a Sidecar narrows it. */
export interface Visible {
  readonly services: readonly MeshService[];
  readonly virtualServices: readonly VirtualService[];
}

/**
 * The Sidecar of a proxy: the oldest of its namespace that selects it, else that of the namespace without a selector, else that of
 * the root namespace (https://istio.io/latest/docs/reference/config/networking/sidecar/). Gateways have none.
 */
export function sidecarFor(
  { sidecars, config }: MeshSnapshot,
  node: Pick<ProxyNode, 'type' | 'namespace' | 'labels'>,
): Sidecar | undefined {
  if (node.type === 'router' || sidecars.length === 0) return undefined;
  const own = sidecars.filter(({ metadata }) => metadata.namespace === node.namespace);
  return (
    own.find(
      (one) => hasSelector(one) && matchesLabels(one.spec?.workloadSelector?.labels, node.labels),
    ) ??
    own.find((one) => !hasSelector(one)) ??
    sidecars.find((one) => one.metadata.namespace === config.rootNamespace && !hasSelector(one))
  );
}

function hasSelector({ spec }: Sidecar): boolean {
  return Object.keys(spec?.workloadSelector?.labels ?? {}).length > 0;
}

/** Egress listeners with what each may see; also services that its VirtualServices lead to. */
export function egressOf(
  sidecar: Sidecar | undefined,
  visible: Visible,
  namespace: string,
): readonly Egress[] {
  const listeners = sidecar?.spec?.egress ?? [];
  if (listeners.length === 0) return [visible];
  return listeners.map(({ port, bind, hosts = [] }): Egress => {
    const wanted = hosts.map((host) => importOf(host, namespace));
    const virtualServices = visible.virtualServices.filter((one) => isImported(one, wanted));
    const number = port?.number;
    const targets = destinationsOf(virtualServices);
    const services = visible.services
      .filter((one) => isWanted(wanted, one.namespace, one.host) || targets.has(one.host))
      .flatMap((one) => (number === undefined ? one : withPort(one, number)));
    return {
      ...(number !== undefined && { port: number }),
      ...(port?.protocol !== undefined && { protocol: protocolNamed(port.protocol) }),
      ...(bind !== undefined && bind !== '' && { bind }),
      services,
      virtualServices,
    };
  });
}

interface Import {
  readonly namespace: string;
  readonly host: string;
}

function importOf(written: string, own: string): Import {
  const [namespace = '*', host = ''] = written.includes('/') ? written.split('/') : ['*', written];
  return { namespace: namespace === '.' ? own : namespace, host };
}

function isWanted(wanted: readonly Import[], namespace: string, host: string): boolean {
  return wanted.some(
    (one) => (one.namespace === '*' || one.namespace === namespace) && matchesHost(one.host, host),
  );
}

function isImported({ metadata, spec }: VirtualService, wanted: readonly Import[]): boolean {
  const { namespace = 'default' } = metadata;
  return (spec?.hosts ?? []).some((host) => isWanted(wanted, namespace, fullHost(host, namespace)));
}

function destinationsOf(services: readonly VirtualService[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const { metadata, spec } of services) {
    const { namespace = 'default' } = metadata;
    for (const { route = [] } of [
      ...(spec?.http ?? []),
      ...(spec?.tls ?? []),
      ...(spec?.tcp ?? []),
    ]) {
      for (const { destination } of route) hosts.add(fullHost(destination.host, namespace));
    }
  }
  return hosts;
}

/** A listener for one port sees that port alone. */
function withPort(service: MeshService, number: number): readonly MeshService[] {
  const ports = service.ports.filter((port) => port.number === number);
  return ports.length === 0 ? [] : [{ ...service, ports }];
}
