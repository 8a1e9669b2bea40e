import { listAt } from '../../../../kinds/json.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { serviceOf } from './hosts.ts';
import type { Message } from './message.ts';
import { selectedPods } from './selection.ts';
import type { Analyzed, World } from './world.ts';

/** IST0173: subsets whose labels no pod of the service has. */
export function emptySubsets(world: World): readonly Message[] {
  return world.all('DestinationRule').flatMap((rule) => inRule(world, rule));
}

function inRule(world: World, rule: Analyzed): readonly Message[] {
  const named = serviceOf(textAt(rule.object, 'spec', 'host'), rule.namespace);
  const service = named && world.find('Service', named.namespace, named.name);
  if (!service) return [];
  const selector = textsAt(service.object, 'spec', 'selector');
  if (Object.keys(selector).length === 0) return [];
  const pods = selectedPods(world.all('Pod'), selector, service.namespace);
  return listAt(rule.object, 'spec', 'subsets')
    .filter((subset) => selectedPods(pods, textsAt(subset, 'labels')).length === 0)
    .map((subset) => ({
      level: 'Error',
      code: 'IST0173',
      about: rule,
      text: `The Subset ${textAt(subset, 'name')} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`,
    }));
}
