import { podsWithoutProxy, uninjectedNamespaces, unnamedPorts } from './injection.ts';
import type { Message } from './message.ts';
import { missingReferences } from './references.ts';
import type { World } from './world.ts';

interface Analyzer {
  readonly name: string;
  readonly description: string;
  readonly find: (world: World) => readonly Message[];
}

/** What `istioctl analyze` looks for; a new question is one file and one entry here. */
export const ANALYZERS: readonly Analyzer[] = [
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
];
