import { listAt, objectAt } from '../../../../../kinds/json.ts';
import type { Json } from '../../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import { Hosts, serviceNameOf, type KnownHost } from '../hosts.ts';
import type { Message } from '../message.ts';
import { goList, selected } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';
import { gatewaysOf } from './virtual-service-gateways.ts';

interface Destination {
  readonly isMirror: boolean;
  readonly host: string;
  readonly subset: string;
  /** Empty: none named. */
  readonly port: string;
  /** Path of the host. */
  readonly field: string;
}

/** Where a VirtualService sends requests, then copies of them, in the order in which istioctl looks. */
function destinationsOf(about: Analyzed): readonly Destination[] {
  const { object } = about;
  const routed = (['tcp', 'tls', 'http'] as const).flatMap((protocol) => routedBy(about, protocol));
  const mirrored = listAt(object, 'spec', 'http').flatMap((rule, index) => [
    ...[objectAt(rule, 'mirror')]
      .filter((mirror) => Object.keys(mirror).length > 0)
      .map((mirror) => destination(mirror, `.spec.http[${index}].mirror.host`)),
    ...listAt(rule, 'mirrors').map((mirror, place) =>
      destination(objectAt(mirror, 'destination'), `.spec.http[${index}].mirrors[${place}].host`),
    ),
  ]);
  return [...routed, ...mirrored.map((one) => ({ ...one, isMirror: true }))];
}

function routedBy({ object }: Analyzed, protocol: 'http' | 'tcp' | 'tls'): readonly Destination[] {
  return listAt(object, 'spec', protocol).flatMap((rule, index) =>
    listAt(rule, 'route').map((route, place) =>
      destination(
        objectAt(route, 'destination'),
        `.spec.${protocol}[${index}].route[${place}].destination.host`,
      ),
    ),
  );
}

function destination(value: Json, field: string): Destination {
  return {
    isMirror: false,
    host: textAt(value, 'host'),
    subset: textAt(value, 'subset'),
    port: textAt(value, 'port', 'number'),
    field,
  };
}

/** IST0101 and IST0112: hosts and ports that nobody has, and ports that have to be named. */
export function destinationHosts(world: World): readonly Message[] {
  const hosts = new Hosts(world);
  return world.all('VirtualService').flatMap((about) =>
    destinationsOf(about).flatMap((to): readonly Message[] => {
      const exportTo = listAt(about.object, 'spec', 'exportTo');
      const known = hosts.find(to.host, about.namespace, exportTo);
      if (known) return ofPort(about, to, known);
      const what = to.isMirror ? 'mirror host' : 'host';
      return [missing(about, what, to.host, to.field)];
    }),
  );
}

function ofPort(about: Analyzed, to: Destination, { ports }: KnownHost): readonly Message[] {
  if (to.port !== '') {
    if (ports.includes(Number(to.port))) return [];
    return [missing(about, 'host:port', `${to.host}:${to.port}`, to.field)];
  }
  if (ports.length < 2) return [];
  const text = `This VirtualService routes to a service ${JSON.stringify(to.host)} that exposes multiple ports ${goList(ports)}. Specifying a port in the destination is required to disambiguate.`;
  return [{ code: 'IST0112', about, text, field: to.field }];
}

function missing(about: Analyzed, what: string, value: string, field: string): Message {
  const text = `Referenced ${what} not found: ${JSON.stringify(value)}`;
  return { code: 'IST0101', about, text, field };
}

/** IST0101: subsets that no DestinationRule declares. */
export function destinationSubsets(world: World): readonly Message[] {
  const declared = new Set(
    world.all('DestinationRule').flatMap(({ object, namespace }) => {
      const service = serviceNameOf(textAt(object, 'spec', 'host'), namespace);
      return listAt(object, 'spec', 'subsets').map((one) => `${service}+${textAt(one, 'name')}`);
    }),
  );
  return world.all('VirtualService').flatMap((about) =>
    destinationsOf(about)
      .filter(({ subset }) => subset !== '')
      .filter(
        ({ host, subset }) => !declared.has(`${serviceNameOf(host, about.namespace)}+${subset}`),
      )
      .map(({ isMirror, host, subset, field }) => {
        const what = isMirror
          ? 'mirror+subset in destinationrule'
          : 'host+subset in destinationrule';
        return missing(about, what, `${host}+${subset}`, field);
      }),
  );
}

/** IST0140: a gateway's route to a host whose subsets another VirtualService chooses for the sidecars alone. */
export function ingressRoutes(world: World): readonly Message[] {
  const withSubsets = world.all('VirtualService').flatMap((rule) => {
    const own = listAt(rule.object, 'spec', 'hosts');
    return routedBy(rule, 'http')
      .filter(({ subset, host }) => subset !== '' && own.includes(host))
      .map(({ host }) => ({ host, name: `${rule.namespace}/${rule.name}` }));
  });
  return world.all('VirtualService').flatMap((about) => {
    if (listAt(about.object, 'spec', 'gateways').length === 0) return [];
    return routedBy(about, 'http')
      .filter(({ subset }) => subset === '')
      .flatMap(({ host }) => withSubsets.filter((one) => one.host === host))
      .map(({ name }) => ({
        code: 'IST0140',
        about,
        text: `Subset in virtual service ${name} has no effect on ingress gateway ${about.namespace}/${about.name} requests`,
      }));
  });
}

/** IST0149: routes by a token's claims where nobody checks the token. */
export function claimRoutes(world: World): readonly Message[] {
  const checks = world.all('RequestAuthentication').map(({ object, namespace }) => ({
    namespace,
    labels: textsAt(object, 'spec', 'selector', 'matchLabels'),
  }));
  return world.all('VirtualService').flatMap((about) => {
    const key = claimOf(about);
    if (key === undefined) return [];
    return gatewaysOf(about).flatMap(({ namespace, name }) => {
      const gateway = world.find('Gateway', namespace, name);
      if (!gateway) return [];
      return selected(world.all('Pod'), textsAt(gateway.object, 'spec', 'selector'))
        .filter(
          (pod) =>
            !checks.some(
              (check) =>
                ['istio-system', pod.namespace].includes(check.namespace) &&
                selected([pod], check.labels).length > 0,
            ),
        )
        .map((pod) => ({
          code: 'IST0149',
          about,
          text: `The virtual service uses the JWT claim based routing (key: ${key}) but found no request authentication for the gateway (${namespace}/${name}) pod (${pod.name}). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.`,
        }));
    });
  });
}

function claimOf({ object }: Analyzed): string | undefined {
  return listAt(object, 'spec', 'http')
    .flatMap((rule) => listAt(rule, 'match'))
    .flatMap((match) => [
      ...Object.keys(objectAt(match, 'headers')),
      ...Object.keys(objectAt(match, 'withoutHeaders')),
    ])
    .find((header) => /^@request\.auth\.claims[.[]/.test(header));
}
