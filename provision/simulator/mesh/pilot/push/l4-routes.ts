import type { Labels } from '../../../kinds/object.ts';
import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type {
  L4Match,
  RouteDestination,
  TcpRoute,
  TlsRoute,
  VirtualService,
} from '../../istio/virtual-service.ts';
import type { TcpProxy } from '../../xds/listener.ts';
import { destinationCluster } from './destinations.ts';
import type { Scope } from './scope.ts';

/** Who opens a connection, and where. */
export interface L4Source {
  readonly scope: Scope;
  readonly labels: Labels;
  readonly namespace: string;
  /** `mesh`, or names of the gateway: `namespace/name`, and as written in the gateway's own namespace. */
  readonly gateways: readonly string[];
  /** Port of the service or of the gateway's server. */
  readonly port: number;
}

/** Where connections go that come for some addresses; none: for all. */
export interface TcpChoice {
  readonly subnets: readonly string[];
  readonly proxy: TcpProxy;
}

/** Where connections go whose first bytes name one of some hosts. */
export interface TlsChoice extends TcpChoice {
  readonly serverNames: readonly string[];
}

/**
 * The `tcp` rules that hold for a source, in order, up to the first that takes every connection
 * (https://istio.io/latest/docs/reference/config/networking/virtual-service/#TCPRoute).
 */
export function tcpChoices(service: VirtualService, source: L4Source): readonly TcpChoice[] {
  const choices: TcpChoice[] = [];
  for (const rule of service.spec?.tcp ?? []) {
    const matches = rule.match?.length ? rule.match : [{}];
    const fitting = matches.filter((match) => isMeantFor(match, source));
    if (fitting.length === 0) continue;
    const proxy = tcpProxyOf(rule, service, source);
    const takesAll = fitting.some(({ destinationSubnets }) => !destinationSubnets?.length);
    if (takesAll) return [...choices, { subnets: [], proxy }];
    choices.push({ subnets: fitting.flatMap((one) => one.destinationSubnets ?? []), proxy });
  }
  return choices;
}

/** The `tls` rules that hold for a source, one for each entry of `match`. */
export function tlsChoices(service: VirtualService, source: L4Source): readonly TlsChoice[] {
  return (service.spec?.tls ?? []).flatMap((rule) =>
    (rule.match ?? [])
      .filter((match) => isMeantFor(match, source))
      .map((match) => ({
        serverNames: match.sniHosts ?? [],
        subnets: match.destinationSubnets ?? [],
        proxy: tcpProxyOf(rule, service, source),
      })),
  );
}

function tcpProxyOf(
  { route = [] }: TcpRoute | TlsRoute,
  { metadata }: VirtualService,
  source: L4Source,
): TcpProxy {
  const { namespace = 'default', name } = metadata;
  const clusters = weighted(route).map(({ destination, weight }) => ({
    cluster: destinationCluster(destination, namespace, source),
    weight: route.length === 1 ? 100 : (weight ?? 0),
  }));
  const [only] = clusters;
  const statPrefix = clusters.length === 1 && only ? only.cluster : `${name}.${namespace}`;
  return { type: 'tcp', clusters, statPrefix, filters: [] };
}

function weighted(route: readonly RouteDestination[]): readonly RouteDestination[] {
  return route.length <= 1 ? route : route.filter(({ weight }) => (weight ?? 0) > 0);
}

function isMeantFor(
  { port, sourceLabels, sourceNamespace, gateways }: L4Match,
  source: L4Source,
): boolean {
  return (
    (!port || port === source.port) &&
    matchesLabels(sourceLabels, source.labels) &&
    (!sourceNamespace || sourceNamespace === source.namespace) &&
    (!gateways?.length || gateways.some((one) => source.gateways.includes(one)))
  );
}
