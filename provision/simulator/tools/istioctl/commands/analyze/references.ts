import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json } from '../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { selectorText } from '../../kube/api.ts';
import { gatewaysOf } from './gateways.ts';
import { isKnownHost, isSameHost } from './hosts.ts';
import type { Message } from './message.ts';
import { selectedPods } from './selection.ts';
import type { Analyzed, World } from './world.ts';

/** IST0101: what a VirtualService or a Gateway names and nobody has. */
export function missingReferences(world: World): readonly Message[] {
  return [
    ...world.all('VirtualService').flatMap((rule) => inVirtualService(world, rule)),
    ...world.all('Gateway').flatMap((gateway) => inGateway(world, gateway)),
  ];
}

function missing(about: Analyzed, what: string, value: string): Message {
  return {
    level: 'Error',
    code: 'IST0101',
    about,
    text: `Referenced ${what} not found: ${JSON.stringify(value)}`,
  };
}

function inVirtualService(world: World, rule: Analyzed): readonly Message[] {
  return [
    ...destinationsOf(rule).flatMap((named) => inDestination(world, rule, named)),
    ...gatewaysOf(rule)
      .filter(({ namespace, name }) => !world.find('Gateway', namespace, name))
      .map(({ namespace, name }) => missing(rule, 'gateway', `${namespace}/${name}`)),
  ];
}

interface Destination {
  readonly isMirror: boolean;
  readonly host: string;
  readonly subset: string;
}

function destinationsOf({ object }: Analyzed): readonly Destination[] {
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    listAt(object, 'spec', protocol).flatMap((route) => [
      ...listAt(route, 'route').map((entry) => destination(objectAt(entry, 'destination'), false)),
      ...mirrorsOf(route).map((mirror) => destination(mirror, true)),
    ]),
  );
}

function mirrorsOf(route: Json): readonly Json[] {
  const mirror = objectAt(route, 'mirror');
  const mirrors = listAt(route, 'mirrors').map((entry) => objectAt(entry, 'destination'));
  return textAt(mirror, 'host') === '' ? mirrors : [mirror, ...mirrors];
}

function destination(value: Json, isMirror: boolean): Destination {
  return { isMirror, host: textAt(value, 'host'), subset: textAt(value, 'subset') };
}

function inDestination(
  world: World,
  rule: Analyzed,
  { isMirror, host, subset }: Destination,
): readonly Message[] {
  if (host === '') return [];
  if (!isKnownHost(world, host, rule.namespace)) {
    return [missing(rule, isMirror ? 'mirror host' : 'host', host)];
  }
  if (subset === '' || hasSubset(world, { host, subset, namespace: rule.namespace })) return [];
  const what = isMirror ? 'mirror+subset in destinationrule' : 'host+subset in destinationrule';
  return [missing(rule, what, `${host}+${subset}`)];
}

function hasSubset(
  world: World,
  wanted: { readonly host: string; readonly subset: string; readonly namespace: string },
): boolean {
  return world.all('DestinationRule').some(({ object, namespace }) => {
    const host = textAt(object, 'spec', 'host');
    return (
      isSameHost(wanted, { host, namespace }) &&
      listAt(object, 'spec', 'subsets').some((subset) => textAt(subset, 'name') === wanted.subset)
    );
  });
}

function inGateway(world: World, gateway: Analyzed): readonly Message[] {
  const selector = textsAt(gateway.object, 'spec', 'selector');
  const pods = selectedPods(world.all('Pod'), selector);
  if (pods.length === 0 && Object.keys(selector).length > 0) {
    return [missing(gateway, 'selector', selectorText(selector))];
  }
  const namespaces = new Set(pods.map(({ namespace }) => namespace));
  return listAt(gateway.object, 'spec', 'servers')
    .map((server) => textAt(server, 'tls', 'credentialName'))
    .filter((name) => name !== '' && !name.includes('://'))
    .filter((name) => ![...namespaces].some((namespace) => world.find('Secret', namespace, name)))
    .map((name) => missing(gateway, 'credentialName', name));
}
