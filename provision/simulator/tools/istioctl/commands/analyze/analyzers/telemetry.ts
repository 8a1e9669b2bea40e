import { at, listAt, objectAt } from '../../../../../kinds/json.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { firstLabel, selected, selectorOf } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';
import { namesOf } from './sidecars.ts';

/** IST0157: access logs that name no provider where the mesh has none by default either. */
export function missingProviders(world: World): readonly Message[] {
  if (listAt(world.mesh, 'defaultProviders', 'accessLogging').length > 0) return [];
  return world.all('Telemetry').flatMap((about) =>
    listAt(about.object, 'spec', 'accessLogging')
      .filter((rule) => at(rule, 'disabled') !== true && listAt(rule, 'providers').length === 0)
      .map(() => ({
        code: 'IST0157',
        about,
        text: `The Telemetry ${about.name} in namespace ${JSON.stringify(about.namespace)} with empty providers will be ignored.`,
      })),
  );
}

/** IST0002: a tracer that Istio is giving up. */
export function lightstep(world: World): readonly Message[] {
  const names = listAt(world.mesh, 'extensionProviders')
    .filter((provider) => at(provider, 'lightstep') !== undefined)
    .map((provider) => textAt(provider, 'name'));
  return world.all('Telemetry').flatMap((about) =>
    listAt(about.object, 'spec', 'tracing')
      .flatMap((rule) => listAt(rule, 'providers').map((provider) => textAt(provider, 'name')))
      .filter((name) => names.includes(name))
      .map((name) => ({
        code: 'IST0002',
        about,
        text: `Deprecated: The Lightstep provider ${name} is deprecated, please migrate to OpenTelemetry provider.`,
      })),
  );
}

/** IST0101 and IST0159: Telemetry without a pod, and several for one pod. */
export function telemetrySelectors(world: World): readonly Message[] {
  const byPod = new Map<Analyzed, Analyzed[]>();
  const found: Message[] = [];
  for (const about of world.all('Telemetry')) {
    const labels = textsAt(about.object, 'spec', 'selector', 'matchLabels');
    if (Object.keys(labels).length === 0) continue;
    const pods = selected(world.all('Pod'), labels, about.namespace);
    for (const pod of pods) byPod.set(pod, [...(byPod.get(pod) ?? []), about]);
    if (pods.length > 0) continue;
    const text = `Referenced selector not found: ${JSON.stringify(selectorOf(labels))}`;
    const field = `.spec.selector.matchLabels.${firstLabel(labels)}`;
    found.push({ code: 'IST0101', about, text, field });
  }
  const conflicts = [...byPod]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([pod, rivals]) =>
      rivals.map((about) => ({
        code: 'IST0159',
        about,
        text: `The Telemetries ${namesOf(rivals)} in namespace ${JSON.stringify(pod.namespace)} select the same workload pod ${JSON.stringify(pod.name)}, which can lead to undefined behavior.`,
        field: '.metadata.name',
      })),
    );
  return [...found, ...conflicts];
}

/** IST0160: several Telemetry objects for one whole namespace. */
export function generalTelemetry(world: World): readonly Message[] {
  const general = world
    .all('Telemetry')
    .filter(({ object }) => objectAt(object, 'spec')['selector'] === undefined);
  return [...Map.groupBy(general, ({ namespace }) => namespace)]
    .filter(([, rivals]) => rivals.length > 1)
    .flatMap(([namespace, rivals]) =>
      rivals.map((about) => ({
        code: 'IST0160',
        about,
        text: `The Telemetries ${namesOf(rivals)} in namespace ${JSON.stringify(namespace)} have no workload selector, which can lead to undefined behavior.`,
      })),
    );
}
