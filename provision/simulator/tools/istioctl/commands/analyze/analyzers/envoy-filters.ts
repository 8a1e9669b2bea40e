import { isObject, listAt, objectAt } from '../../../../../kinds/json.ts';
import type { JsonObject } from '../../../../../kinds/object.ts';
import { textAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import type { Analyzed, World } from '../world.ts';

const RELATIVE =
  'This EnvoyFilter does not have a priority and has a relative patch operation set which can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.';
const RELATIVE_WITH_VERSION =
  'This EnvoyFilter does not have a priority and has a relative patch operation (NSTERT_BEFORE/AFTER, REPLACE, MERGE, DELETE) and proxyVersion set which can cause the EnvoyFilter not to be applied during an upgrade. Using the INSERT_FIRST or ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.';

/** IST0151 to IST0155: patches that are ignored, or depend on the order in which patches are applied. */
export function envoyPatches(world: World): readonly Message[] {
  // Names of filters that a patch for one version of the proxy has been seen for.
  const versioned = new Set<string>();
  return world.all('EnvoyFilter').flatMap((about) => {
    const found: Message[] = [];
    for (const [index, patch] of listAt(about.object, 'spec', 'configPatches').entries()) {
      if (!isObject(patch) || patch['patch'] === undefined) break;
      const name = filterName(patch);
      const finding = findingOf(about, patch, versioned.has(name));
      if (finding) {
        found.push({ ...finding, about, field: `.spec.configPatches[${index}].patch.value` });
      }
      if (textAt(patch, 'match', 'proxy', 'proxyVersion') !== '') versioned.add(name);
    }
    return found;
  });
}

function filterName(patch: JsonObject): string {
  const value = objectAt(patch, 'patch', 'value');
  if (Object.keys(value).length === 0) return '';
  return (
    textAt(value, 'name') || textAt(patch, 'match', 'listener', 'filterChain', 'filter', 'name')
  );
}

type Finding = Pick<Message, 'code' | 'text'>;

function findingOf(about: Analyzed, patch: JsonObject, isVersioned: boolean): Finding | undefined {
  const operation = textAt(patch, 'patch', 'operation');
  const target = textAt(patch, 'applyTo');
  const isRoute = target === 'ROUTE_CONFIGURATION' || target === 'HTTP_ROUTE';
  const ignored = `The ${operation} operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.`;
  switch (operation) {
    case 'ADD':
      return isRoute ? { code: 'IST0153', text: ignored } : undefined;
    case 'REMOVE':
      return isRoute ? { code: 'IST0154', text: ignored } : relative(about, isVersioned);
    case 'REPLACE':
      return ['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST'].includes(target)
        ? relative(about, isVersioned)
        : {
            code: 'IST0152',
            text: 'The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.',
          };
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return relative(about, isVersioned);
    default:
      return undefined;
  }
}

function relative({ object }: Analyzed, isVersioned: boolean): Finding | undefined {
  const priority = objectAt(object, 'spec')['priority'] ?? 0;
  if (priority !== 0) return undefined;
  return isVersioned
    ? { code: 'IST0155', text: RELATIVE_WITH_VERSION }
    : { code: 'IST0151', text: RELATIVE };
}
