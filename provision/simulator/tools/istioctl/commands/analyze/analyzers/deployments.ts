import { isObject, listAt, objectAt } from '../../../../../kinds/json.ts';
import type { JsonObject } from '../../../../../kinds/object.ts';
import { matchesLabels } from '../../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import { runsAsProxy } from '../../../kube/proxies.ts';
import { isControlPlane, isDeploymentInMesh } from '../meshed.ts';
import type { Message } from '../message.ts';
import { goList } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

/** IST0116 and IST0137: one Deployment behind several Services that disagree. */
export function servicesOfDeployments(world: World): readonly Message[] {
  return world
    .all('Deployment')
    .filter((one) => one.labels['gateway.istio.io/managed'] !== 'istio.io-mesh-controller')
    .filter((one) => isDeploymentInMesh(world, one))
    .flatMap((about) => {
      const ports = portsOf(servicesOf(world, about));
      return [...byProtocol(about, ports), ...byTargetPort(about, ports)];
    });
}

interface PortOfService {
  readonly service: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: string;
}

function servicesOf(world: World, { object, namespace }: Analyzed): readonly Analyzed[] {
  const labels = textsAt(object, 'spec', 'template', 'metadata', 'labels');
  return world.all('Service').filter((service) => {
    const selector = textsAt(service.object, 'spec', 'selector');
    const isOne = Object.keys(selector).length > 0 && matchesLabels(selector, labels);
    return isOne && service.namespace === namespace;
  });
}

function portsOf(services: readonly Analyzed[]): readonly PortOfService[] {
  return services.flatMap(({ object, namespace, name }) =>
    listAt(object, 'spec', 'ports')
      .filter(isObject)
      .map((port) => {
        const target = textAt(port, 'targetPort');
        return {
          service: `${namespace}/${name}`,
          port: Number(textAt(port, 'port')),
          protocol: textAt(port, 'protocol') || 'TCP',
          targetPort: target === '' || target === '0' ? textAt(port, 'port') : target,
        };
      }),
  );
}

function byProtocol(about: Analyzed, ports: readonly PortOfService[]): readonly Message[] {
  return [...Map.groupBy(ports, ({ port }) => port)]
    .filter(([, group]) => new Set(group.map(({ protocol }) => protocol)).size > 1)
    .map(([port, group]) => ({
      code: 'IST0116',
      about,
      text: `This deployment ${about.name} is associated with multiple services using port ${port} but different protocols: ${goList(group.map(({ service }) => service).toSorted())}`,
      field: '.metadata.name',
    }));
}

function byTargetPort(about: Analyzed, ports: readonly PortOfService[]): readonly Message[] {
  return [...Map.groupBy(ports, ({ targetPort }) => targetPort)].flatMap(([target, group]) => {
    const services = new Map(group.map(({ port, service }) => [port, service]));
    if (services.size < 2) return [];
    const names = goList([...services.values()].toSorted());
    const numbers = goList([...services.keys()].toSorted((one, other) => one - other));
    const text = `This deployment ${about.name} is associated with multiple services ${names} using targetPort ${JSON.stringify(target)} but different ports: ${numbers}.`;
    return [{ code: 'IST0137', about, text, field: '.metadata.name' }];
  });
}

/** IST0144: applications that run as the proxy's user. */
export function reservedUsers(world: World): readonly Message[] {
  const subjects = [
    ...world.all('Pod').map((about) => ({ about, spec: objectAt(about.object, 'spec') })),
    ...world
      .all('Deployment')
      .map((about) => ({ about, spec: objectAt(about.object, 'spec', 'template', 'spec') })),
  ];
  return subjects
    .filter(({ about, spec }) => !isControlPlane(about) && hasReservedUser(spec))
    .map(({ about }) => ({
      code: 'IST0144',
      about,
      text: 'User ID (UID) 1337 is reserved for the sidecar proxy.',
    }));
}

function hasReservedUser(spec: JsonObject): boolean {
  const containers = listAt(spec, 'containers')
    .filter(isObject)
    .filter((one) => !['istio-proxy', 'istio-operator'].includes(textAt(one, 'name')));
  return [spec, ...containers].some(runsAsProxy);
}
