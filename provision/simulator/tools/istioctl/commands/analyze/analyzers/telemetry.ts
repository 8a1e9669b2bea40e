import { at, listAt, objectAt } from '../../../../../kinds/json.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { onSameNamespace, onSamePods } from '../rivals.ts';
import type { World } from '../world.ts';

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
  const chosen = world
    .all('Telemetry')
    .map((about) => ({ about, labels: textsAt(about.object, 'spec', 'selector', 'matchLabels') }))
    .filter(({ labels }) => Object.keys(labels).length > 0);
  return onSamePods(world, chosen, {
    plural: 'Telemetries',
    code: 'IST0159',
    path: '.spec.selector.matchLabels',
  });
}

/** IST0160: several Telemetry objects for one whole namespace. */
export function generalTelemetry(world: World): readonly Message[] {
  const general = world
    .all('Telemetry')
    .filter(({ object }) => objectAt(object, 'spec')['selector'] === undefined);
  return onSameNamespace(general, { plural: 'Telemetries', code: 'IST0160' });
}
