import { isObject, listAt, objectAt } from '../../../../../kinds/json.ts';
import type { JsonObject } from '../../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import { Hosts } from '../hosts.ts';
import type { Message } from '../message.ts';
import { selected } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

/** IST0128 and IST0129: TLS to servers that nobody verifies. */
export function unverifiedServers(world: World): readonly Message[] {
  return world.all('DestinationRule').flatMap((about) => {
    const policy = objectAt(about.object, 'spec', 'trafficPolicy');
    const isSelected = objectAt(about.object, 'spec')['workloadSelector'] !== undefined;
    const host = textAt(about.object, 'spec', 'host');
    const says = (mode: string) =>
      `DestinationRule ${about.namespace}/${about.name} in namespace ${about.namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host}`;
    const whole = unverifiedMode(objectAt(policy, 'tls'), isSelected);
    const found: Message[] = [];
    if (whole !== undefined) {
      const field = '.spec.trafficPolicy.tls.caCertificates';
      found.push({ code: 'IST0128', about, text: says(whole), field });
    }
    for (const [index, settings] of listAt(policy, 'portLevelSettings').entries()) {
      const mode = unverifiedMode(objectAt(settings, 'tls'), isSelected);
      if (mode === undefined) continue;
      // As protobuf prints a PortSelector.
      const text = `${says(mode)} at port number:${textAt(settings, 'port', 'number')}`;
      const field = `.spec.trafficPolicy.portLevelSettings[${index}].tls.caCertificates`;
      found.push({ code: 'IST0129', about, text, field });
    }
    return found;
  });
}

function unverifiedMode(tls: JsonObject, isSelected: boolean): string | undefined {
  const mode = textAt(tls, 'mode');
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return undefined;
  const isByCredential = textAt(tls, 'credentialName') !== '' && isSelected;
  return textAt(tls, 'caCertificates') === '' && !isByCredential ? mode : undefined;
}

/** IST0173 and IST0174: hosts that nobody has, and subsets without a pod. */
export function emptySubsets(world: World): readonly Message[] {
  const hosts = new Hosts(world);
  return world.all('DestinationRule').flatMap((about) => inRule(world, hosts, about));
}

function inRule(world: World, hosts: Hosts, about: Analyzed): readonly Message[] {
  const host = textAt(about.object, 'spec', 'host');
  const known = hosts.find(host, about.namespace, listAt(about.object, 'spec', 'exportTo'));
  if (!known) {
    const text = `The host ${host} defined in the DestinationRule does not match any services in the mesh.`;
    return [{ code: 'IST0174', about, text }];
  }
  // istioctl looks at the pods of all namespaces, and not at whether the Service selects them.
  return listAt(about.object, 'spec', 'subsets')
    .filter(isObject)
    .filter((subset) => {
      const labels = { ...known.selector, ...textsAt(subset, 'labels') };
      return selected(world.all('Pod'), labels).length === 0;
    })
    .map((subset) => ({
      code: 'IST0173',
      about,
      text: `The Subset ${textAt(subset, 'name')} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`,
    }));
}
