import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

import type { V1Node, V1Service } from '@kubernetes/client-node';

import type { ExposedAddress, ServicePort } from '../../provider.ts';
import { GATEWAY_ADDRESSES } from './limits.ts';

/** Addresses that may be passed on to a learner. */
export interface GatewayRange {
  allows(ip: string): boolean;
}

/** An address on which a gateway answers, and the port of its Service that it stands for. */
export interface GatewayAddress extends ExposedAddress {
  readonly service: ServicePort;
}

/** Labels of Services in front of gateways: Istio's own, and those made for a Gateway of the Gateway API. */
const GATEWAY_LABELS = ['istio', 'gateway.networking.k8s.io/gateway-name'] as const;

/**
 * Where gateways answer: their load balancers, and their node ports on each node. Whoever may write Services in the cluster
 * chooses what stands there, hence the range.
 */
export function gatewayAddresses(
  services: readonly V1Service[],
  nodes: readonly V1Node[],
  range: GatewayRange,
): readonly GatewayAddress[] {
  const nodeIps = nodes.flatMap(({ status }) =>
    (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map((one) => one.address),
  );
  const all = services.filter(isGateway).flatMap((service) => {
    const ports = (service.spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    const balancers = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
    const { name = '', namespace = '' } = service.metadata ?? {};
    return ports.flatMap(({ port, nodePort }) => {
      const about = { service: { namespace, name, port } };
      const onNodes = nodePort === undefined ? [] : nodeIps;
      return [
        ...balancers.map((ip) => ({ ip, port, ...about })),
        ...onNodes.map((ip) => ({ ip, port: nodePort ?? 0, ...about })),
      ];
    });
  });
  const unique = new Map(all.map((address) => [`${address.ip}:${address.port}`, address]));
  return [...unique.values()].filter(({ ip }) => range.allows(ip)).slice(0, GATEWAY_ADDRESSES);
}

function isGateway({ metadata, spec }: V1Service): boolean {
  const labels = metadata?.labels ?? {};
  const isExposed = spec?.type === 'LoadBalancer' || spec?.type === 'NodePort';
  return isExposed && GATEWAY_LABELS.some((label) => labels[label] !== undefined);
}

/** Everything but this machine itself and what only neighbours on its own link may reach, such as metadata servers. */
export function otherMachines(): GatewayRange {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address)),
  );
  const never = subnets(['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3']);
  return { allows: (ip) => isIPv4(ip) && !own.has(ip) && !never.check(ip) };
}

/** Exactly what whoever runs the server has named, in CIDR notation. */
export function within(ranges: readonly string[]): GatewayRange {
  const allowed = subnets(ranges);
  return { allows: (ip) => isIPv4(ip) && allowed.check(ip) };
}

function subnets(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [ip = '', length = '32'] = range.split('/');
    list.addSubnet(ip, Number(length));
  }
  return list;
}
