import { listAt } from '../../../../kinds/json.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { selectorText } from '../../kube/api.ts';
import { gatewaysOf } from './gateways.ts';
import { serviceOf } from './hosts.ts';
import { fullNameOf, type Message } from './message.ts';
import { selectedPods } from './selection.ts';
import type { Analyzed, World } from './world.ts';

/** IST0109: several VirtualServices of the sidecars for one host, of which all but the oldest are ignored. */
export function conflictingHosts(world: World): readonly Message[] {
  const byHost = new Map<string, Analyzed[]>();
  for (const rule of world.all('VirtualService').filter(isForMesh)) {
    for (const host of listAt(rule.object, 'spec', 'hosts')) {
      const name = fullHost(textAt(host), rule.namespace);
      byHost.set(name, [...(byHost.get(name) ?? []), rule]);
    }
  }
  return [...byHost].flatMap(([host, rules]) => {
    if (rules.length < 2) return [];
    const names = rules.map(fullNameOf).toSorted().join(',');
    return rules.map((about): Message => ({
      level: 'Error',
      code: 'IST0109',
      about,
      text: `The VirtualServices ${names} associated with mesh gateway define the same host */${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
    }));
  });
}

/** IST0132: hosts of a VirtualService that its gateway does not take. */
export function hostsNotInGateway(world: World): readonly Message[] {
  return world.all('VirtualService').flatMap((rule) =>
    gatewaysOf(rule).flatMap(({ namespace, name }): readonly Message[] => {
      const gateway = world.find('Gateway', namespace, name);
      const taken = gateway ? hostsTaken(gateway) : [];
      const hosts = listAt(rule.object, 'spec', 'hosts').map((host) => textAt(host));
      const refused = hosts.filter((host) => !taken.some((pattern) => isTaken(host, pattern)));
      if (refused.length === 0 || refused.includes('*')) return [];
      return [
        {
          level: 'Warning',
          code: 'IST0132',
          about: rule,
          text: `one or more host [${refused.join(' ')}] defined in VirtualService ${fullNameOf(rule)} not found in Gateway ${namespace}/${name}.`,
        },
      ];
    }),
  );
}

/** IST0162: ports a gateway's Service does not pass on. */
export function portsNotOnService(world: World): readonly Message[] {
  return world.all('Gateway').flatMap((gateway) => {
    const selector = textsAt(gateway.object, 'spec', 'selector');
    const ports = portsOfServices(world, selector);
    if (ports.size === 0) return [];
    return listAt(gateway.object, 'spec', 'servers')
      .map((server) => textAt(server, 'port', 'number'))
      .filter((port) => !ports.has(port))
      .map((port): Message => ({
        level: 'Warning',
        code: 'IST0162',
        about: gateway,
        text: `The gateway is listening on a target port (port ${port}) that is not defined in the Service associated with its workload instances (Pod selector ${selectorText(selector)}). If you need to access the gateway port through the gateway Service, it will not be available.`,
      }));
  });
}

function isForMesh({ object }: Analyzed): boolean {
  const gateways = listAt(object, 'spec', 'gateways').map((gateway) => textAt(gateway));
  return gateways.length === 0 || gateways.includes('mesh');
}

function fullHost(host: string, namespace: string): string {
  const isShort = !host.includes('.') && !host.includes('*');
  const service = isShort ? serviceOf(host, namespace) : undefined;
  return service ? `${service.name}.${service.namespace}.svc.cluster.local` : host;
}

/** Hosts of a gateway; a namespace before the slash only says whose VirtualServices may use them. */
function hostsTaken({ object }: Analyzed): readonly string[] {
  return listAt(object, 'spec', 'servers').flatMap((server) =>
    listAt(server, 'hosts').map((host) => textAt(host).replace(/^[^/]*\//, '')),
  );
}

function isTaken(host: string, pattern: string): boolean {
  if (host === pattern || pattern === '*') return true;
  if (pattern.startsWith('*')) return host.endsWith(pattern.slice(1));
  return host.startsWith('*') && pattern.endsWith(host.slice(1));
}

function portsOfServices(
  world: World,
  selector: Readonly<Record<string, string>>,
): ReadonlySet<string> {
  const pods = selectedPods(world.all('Pod'), selector);
  const services = world.all('Service').filter(({ object, namespace }) => {
    const own = textsAt(object, 'spec', 'selector');
    return Object.keys(own).length > 0 && selectedPods(pods, own, namespace).length > 0;
  });
  return new Set(
    services.flatMap(({ object }) =>
      listAt(object, 'spec', 'ports').flatMap((port) => [
        textAt(port, 'port'),
        textAt(port, 'targetPort'),
      ]),
    ),
  );
}
