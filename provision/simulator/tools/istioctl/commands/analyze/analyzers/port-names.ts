import { isObject, listAt } from '../../../../../kinds/json.ts';
import { textAt } from '../../../../install/tree.ts';
import { protocolOf } from '../../../kube/protocol.ts';
import { isControlPlane } from '../meshed.ts';
import type { Message } from '../message.ts';
import type { Analyzed, World } from '../world.ts';

const MANAGED = 'gateway.istio.io/managed';

/** IST0118 and IST0150: ports whose protocol Istio has to guess. */
export function portNames(world: World): readonly Message[] {
  return world
    .all('Service')
    .filter((service) => !isControlPlane(service) && service.labels[MANAGED] === undefined)
    .flatMap(inService);
}

function inService(about: Analyzed): readonly Message[] {
  const isExternal = textAt(about.object, 'spec', 'type') === 'ExternalName';
  const found: Message[] = [];
  for (const [index, port] of listAt(about.object, 'spec', 'ports').filter(isObject).entries()) {
    const name = textAt(port, 'name');
    const isNamed = protocolOf(port) !== 'UnsupportedProtocol';
    if (isNamed && !(name === 'tcp' && isExternal)) continue;
    const field = `.spec.ports[${index}].port`;
    const target = textAt(port, 'targetPort') || '0';
    found.push(
      isExternal
        ? { code: 'IST0150', about, text: EXTERNAL, field }
        : {
            code: 'IST0118',
            about,
            text: `Port name ${name} (port: ${textAt(port, 'port')}, targetPort: ${target}) doesn't follow the naming convention of Istio port.`,
            field,
          },
    );
  }
  return found;
}

const EXTERNAL =
  'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly';
