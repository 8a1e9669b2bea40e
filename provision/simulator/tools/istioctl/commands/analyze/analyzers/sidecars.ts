import { textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { onSameNamespace, onSamePods } from '../rivals.ts';
import type { World } from '../world.ts';

/** IST0101, IST0110 and IST0111: Sidecars without a pod, and several for one pod or namespace. */
export function sidecars(world: World): readonly Message[] {
  const all = world.all('Sidecar').map((about) => ({
    about,
    labels: textsAt(about.object, 'spec', 'workloadSelector', 'labels'),
  }));
  const chosen = all.filter(({ labels }) => Object.keys(labels).length > 0);
  const general = all.filter(({ labels }) => Object.keys(labels).length === 0);
  return [
    ...onSamePods(world, chosen, {
      plural: 'Sidecars',
      code: 'IST0110',
      path: '.spec.workloadSelector.labels',
    }),
    ...onSameNamespace(
      general.map(({ about }) => about),
      { plural: 'Sidecars', code: 'IST0111' },
    ),
  ];
}
