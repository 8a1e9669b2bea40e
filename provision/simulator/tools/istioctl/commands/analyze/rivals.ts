import type { Labels } from '../../../../kinds/object.ts';
import type { Message } from './message.ts';
import { goList, selected, withoutPods } from './selection.ts';
import type { Analyzed, World } from './world.ts';

/** An object that is for the pods of its namespace with these labels. */
interface Selecting {
  readonly about: Analyzed;
  readonly labels: Labels;
}

/** How messages about the objects of a kind are written. */
interface Wording {
  /** `Sidecars` */
  readonly plural: string;
  readonly code: string;
}

/** IST0101 for objects without a pod, and a message for each of several objects for one pod; `path` is where their labels stand. */
export function onSamePods(
  world: World,
  objects: readonly Selecting[],
  { plural, code, path }: Wording & { readonly path: string },
): readonly Message[] {
  const byPod = new Map<Analyzed, Analyzed[]>();
  const found: Message[] = [];
  for (const { about, labels } of objects) {
    const pods = selected(world.all('Pod'), labels, about.namespace);
    for (const pod of pods) byPod.set(pod, [...(byPod.get(pod) ?? []), about]);
    if (pods.length > 0) continue;
    found.push(withoutPods(about, labels, path));
  }
  const conflicts = [...byPod]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([pod, rivals]) =>
      rivals.map((about) => ({
        code,
        about,
        text: `The ${plural} ${namesOf(rivals)} in namespace ${JSON.stringify(pod.namespace)} select the same workload pod ${JSON.stringify(pod.name)}, which can lead to undefined behavior.`,
        field: '.metadata.name',
      })),
    );
  return [...found, ...conflicts];
}

/** A message for each of several objects that are for one whole namespace. */
export function onSameNamespace(
  objects: readonly Analyzed[],
  { plural, code }: Wording,
): readonly Message[] {
  return [...Map.groupBy(objects, ({ namespace }) => namespace)]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([namespace, rivals]) =>
      rivals.map((about) => ({
        code,
        about,
        text: `The ${plural} ${namesOf(rivals)} in namespace ${JSON.stringify(namespace)} have no workload selector, which can lead to undefined behavior.`,
      })),
    );
}

/** Names, sorted, as Go prints a list. */
function namesOf(objects: readonly Analyzed[]): string {
  return goList(objects.map(({ name }) => name).toSorted());
}
