import { isObject, listAt, objectAt } from '../../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../../kinds/object.ts';
import { matchesLabels } from '../../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { selected, selectorField, selectorOf, withoutPods } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

const SELECTOR = '.spec.selector';

function selectorOfGateway({ object }: Analyzed): Labels {
  return textsAt(object, 'spec', 'selector');
}

function serversOf({ object }: Analyzed): readonly JsonObject[] {
  return listAt(object, 'spec', 'servers').filter(isObject);
}

/** IST0101 and IST0162: gateways without a pod, and ports that no Service of the pods passes on. */
export function gatewayPorts(world: World): readonly Message[] {
  return world.all('Gateway').flatMap((about) => {
    const labels = selectorOfGateway(about);
    const pods = selected(world.all('Pod'), labels);
    if (pods.length === 0) return [withoutPods(about, labels, SELECTOR)];
    const offered = new Set(pods.flatMap((pod) => portsTo(world, pod)));
    return serversOf(about)
      .map((server) => Number(textAt(server, 'port', 'number')))
      .filter((port) => port > 0 && !offered.has(port))
      .map((port) => ({
        code: 'IST0162',
        about,
        text: `The gateway is listening on a target port (port ${port}) that is not defined in the Service associated with its workload instances (Pod selector ${selectorOf(labels)}). If you need to access the gateway port through the gateway Service, it will not be available.`,
        field: selectorField(labels, SELECTOR),
      }));
  });
}

/** Target ports, and the ports that lead to them, of the Services in front of a pod. */
function portsTo(world: World, pod: Analyzed): readonly number[] {
  return world
    .all('Service')
    .filter(({ namespace, object }) => {
      const selector = textsAt(object, 'spec', 'selector');
      return namespace === pod.namespace && matchesLabels(selector, pod.labels);
    })
    .flatMap(({ object }) => listAt(object, 'spec', 'ports'))
    .filter((port) => (textAt(port, 'protocol') || 'TCP') === 'TCP')
    .flatMap((port) => {
      const target = Number(textAt(port, 'targetPort'));
      const own = Number(textAt(port, 'port'));
      return target > 0 ? [target, own] : [own];
    });
}

/** IST0101 and IST0161: certificates that are not where the gateway's pods are, or are none. */
export function gatewayCredentials(world: World): readonly Message[] {
  return world.all('Gateway').flatMap((about) => {
    const labels = selectorOfGateway(about);
    const [pod] = selected(world.all('Pod'), labels);
    if (!pod) return [withoutPods(about, labels, SELECTOR)];
    return serversOf(about).flatMap((server, index): readonly Message[] => {
      const name = textAt(server, 'tls', 'credentialName');
      if (name === '') return [];
      const field = `.spec.servers[${index}].tls.credentialName`;
      const [within, own] = name.includes('/') ? name.split('/', 2) : [pod.namespace, name];
      const secret = world.find('Secret', within ?? '', own ?? '');
      if (!secret) {
        const text = `Referenced credentialName not found: ${JSON.stringify(name)}`;
        return [{ code: 'IST0101', about, text, field }];
      }
      if (holdsCertificate(secret)) return [];
      const text = `The credential referenced by the Gateway ${about.name} in namespace ${pod.namespace} is invalid, which can cause the traffic not to work as expected.`;
      return [{ code: 'IST0161', about, text, field }];
    });
  });
}

function holdsCertificate({ object }: Analyzed): boolean {
  const data = textsAt(object, 'data');
  const pairs = [
    ['cert', 'key'],
    ['tls.crt', 'tls.key'],
  ];
  return pairs.some(([certificate = '', key = '']) => {
    const pem = Buffer.from(data[certificate] ?? '', 'base64').toString();
    return pem.includes('-----BEGIN CERTIFICATE-----') && (data[key] ?? '') !== '';
  });
}

/** IST0138: one certificate in two gateways of the same pods. */
export function sharedCertificates(world: World): readonly Message[] {
  const gateways = world.all('Gateway');
  return gateways.flatMap((about) => {
    const labels = selectorOfGateway(about);
    return gateways
      .filter((other) => other !== about && matchesLabels(labels, selectorOfGateway(other)))
      .flatMap((other) =>
        serversOf(about).flatMap((server) =>
          serversOf(other)
            .filter((theirs) => isSameCertificate(objectAt(server, 'tls'), objectAt(theirs, 'tls')))
            .map(() => ({
              code: 'IST0138',
              about,
              text: `Duplicate certificate in multiple gateways [${about.namespace}/${about.name} ${other.namespace}/${other.name}] may cause 404s if clients re-use HTTP2 connections.`,
              field: '.metadata.name',
            })),
        ),
      );
  });
}

function isSameCertificate(one: JsonObject, other: JsonObject): boolean {
  const isSame = (field: string) => {
    const value = textAt(one, field);
    return value !== '' && value === textAt(other, field);
  };
  if (textAt(one, 'credentialName') !== '' || textAt(other, 'credentialName') !== '') {
    return isSame('credentialName');
  }
  return isSame('serverCertificate') && isSame('privateKey');
}

/** IST0145: two gateways that listen for one host on one port of the same pods. */
export function conflictingGateways(world: World): readonly Message[] {
  const gateways = world.all('Gateway');
  return gateways.flatMap((about) =>
    serversOf(about).flatMap((server) => {
      const rivals = gateways
        .filter((other) => other !== about && doShareWorkload(world, about, other))
        .filter((other) => serversOf(other).some((theirs) => doCollide(server, theirs)))
        .map(({ namespace, name }) => `${namespace}/${name}`)
        .toSorted();
      if (rivals.length === 0) return [];
      const port = textAt(server, 'port', 'number');
      const hosts = listAt(server, 'hosts').map((host) => textAt(host));
      const selector = selectorOf(selectorOfGateway(about));
      const text = `Conflict with gateways ${rivals.join(',')} (workload selector ${selector}, port ${port}, hosts ${hosts.join(',')}).`;
      return [{ code: 'IST0145', about, text }];
    }),
  );
}

function doShareWorkload(world: World, one: Analyzed, other: Analyzed): boolean {
  const first = selectorOf(selectorOfGateway(one));
  const second = selectorOf(selectorOfGateway(other));
  if (first === second) return true;
  if (!first.includes(second) && !second.includes(first)) return false;
  const both = { ...selectorOfGateway(one), ...selectorOfGateway(other) };
  return selected(world.all('Pod'), both).length > 0;
}

function doCollide(one: JsonObject, other: JsonObject): boolean {
  const hosts = listAt(other, 'hosts');
  return (
    textAt(one, 'port', 'number') === textAt(other, 'port', 'number') &&
    textAt(one, 'bind') === textAt(other, 'bind') &&
    listAt(one, 'hosts').some((host) => hosts.includes(host))
  );
}
