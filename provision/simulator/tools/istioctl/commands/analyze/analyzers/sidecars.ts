import { textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { firstLabel, goList, selected, selectorOf } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

/** IST0101, IST0110 and IST0111: Sidecars without a pod, and several for one pod or namespace. */
export function sidecars(world: World): readonly Message[] {
  const all = world.all('Sidecar').map((about) => ({
    about,
    labels: textsAt(about.object, 'spec', 'workloadSelector', 'labels'),
  }));
  const chosen = all.filter(({ labels }) => Object.keys(labels).length > 0);
  const general = all.filter(({ labels }) => Object.keys(labels).length === 0);
  const byPod = new Map<Analyzed, Analyzed[]>();
  const found: Message[] = [];
  for (const { about, labels } of chosen) {
    const pods = selected(world.all('Pod'), labels, about.namespace);
    for (const pod of pods) byPod.set(pod, [...(byPod.get(pod) ?? []), about]);
    if (pods.length > 0) continue;
    const text = `Referenced selector not found: ${JSON.stringify(selectorOf(labels))}`;
    const field = `.spec.workloadSelector.labels.${firstLabel(labels)}`;
    found.push({ code: 'IST0101', about, text, field });
  }
  return [...found, ...forOnePod(byPod), ...forOneNamespace(general.map(({ about }) => about))];
}

function forOnePod(byPod: ReadonlyMap<Analyzed, readonly Analyzed[]>): readonly Message[] {
  return [...byPod]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([pod, rivals]) =>
      rivals.map((about) => ({
        code: 'IST0110',
        about,
        text: `The Sidecars ${namesOf(rivals)} in namespace ${JSON.stringify(pod.namespace)} select the same workload pod ${JSON.stringify(pod.name)}, which can lead to undefined behavior.`,
        field: '.metadata.name',
      })),
    );
}

function forOneNamespace(general: readonly Analyzed[]): readonly Message[] {
  return [...Map.groupBy(general, ({ namespace }) => namespace)]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([namespace, rivals]) =>
      rivals.map((about) => ({
        code: 'IST0111',
        about,
        text: `The Sidecars ${namesOf(rivals)} in namespace ${JSON.stringify(namespace)} have no workload selector, which can lead to undefined behavior.`,
      })),
    );
}

/** Names, sorted, as Go prints a list. */
export function namesOf(objects: readonly Analyzed[]): string {
  return goList(objects.map(({ name }) => name).toSorted());
}
