import { conflictingHosts, hostsNotInGateway, portsNotOnService } from './gateway-hosts.ts';
import { podsWithoutProxy, uninjectedNamespaces, unnamedPorts } from './injection.ts';
import type { Message } from './message.ts';
import { missingReferences } from './references.ts';
import { emptySubsets } from './subsets.ts';
import type { World } from './world.ts';

interface Analyzer {
  readonly name: string;
  readonly description: string;
  readonly find: (world: World) => readonly Message[];
}

/** What `istioctl analyze` looks for; a new question is one file and one entry here. */
export const ANALYZERS: readonly Analyzer[] = [
  {
    name: 'destinationrule.PodNotSelectedAnalyzer',
    description: 'Subsets without a pod',
    find: emptySubsets,
  },
  {
    name: 'gateway.IngressGatewayPortAnalyzer',
    description: 'Ports of gateways that their Service does not pass on',
    find: portsNotOnService,
  },
  {
    name: 'injection.Analyzer',
    description: 'Namespaces that say nothing about injection, and pods that missed it',
    find: (world) => [...uninjectedNamespaces(world), ...podsWithoutProxy(world)],
  },
  {
    name: 'service.PortNameAnalyzer',
    description: 'Ports whose names do not tell Istio their protocol',
    find: unnamedPorts,
  },
  {
    name: 'virtualservice.DestinationHostAnalyzer',
    description: 'Hosts, subsets, gateways, selectors and credentials that do not exist',
    find: missingReferences,
  },
  {
    name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
    description: 'Several VirtualServices of the sidecars for one host',
    find: conflictingHosts,
  },
  {
    name: 'virtualservice.GatewayAnalyzer',
    description: 'Hosts that a gateway does not take',
    find: hostsNotInGateway,
  },
];
