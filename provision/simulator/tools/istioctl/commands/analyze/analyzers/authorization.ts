import { listAt, objectAt } from '../../../../../kinds/json.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import { isInMesh } from '../meshed.ts';
import type { Message } from '../message.ts';
import { selected, selectorOf } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

/** IST0127 and IST0101: policies that select no pod of the mesh, and namespaces in them that are not there. */
export function authorizationPolicies(world: World): readonly Message[] {
  const pods = world.all('Pod').filter((pod) => isInMesh(world, pod));
  return world
    .all('AuthorizationPolicy')
    .flatMap((about) => [
      ...withoutWorkload(world, about, pods),
      ...withoutNamespace(world, about),
    ]);
}

function withoutWorkload(
  world: World,
  about: Analyzed,
  pods: readonly Analyzed[],
): readonly Message[] {
  const hasSelector = objectAt(about.object, 'spec')['selector'] !== undefined;
  const isMeshWide = about.namespace === world.rootNamespace;
  if (isMeshWide && !hasSelector) return [];
  const labels = textsAt(about.object, 'spec', 'selector', 'matchLabels');
  if (selected(pods, labels, isMeshWide ? undefined : about.namespace).length > 0) return [];
  const text = `No matching workloads for this resource with the following labels: ${selectorOf(labels)}`;
  return [{ code: 'IST0127', about, text }];
}

function withoutNamespace(world: World, about: Analyzed): readonly Message[] {
  const names = world.all('Namespace').map(({ name }) => name);
  return mentionedNamespaces(about)
    .filter(({ pattern }) => !names.some((name) => fits(name, pattern)))
    .map(({ pattern, field }) => ({
      code: 'IST0101',
      about,
      text: `Referenced namespace not found: ${JSON.stringify(pattern)}`,
      field,
    }));
}

interface Mention {
  readonly pattern: string;
  readonly field: string;
}

function mentionedNamespaces({ object }: Analyzed): readonly Mention[] {
  return listAt(object, 'spec', 'rules').flatMap((rule, index) =>
    listAt(rule, 'from').flatMap((from, place) =>
      ['namespaces', 'notNamespaces'].flatMap((key) =>
        listAt(from, 'source', key).map((pattern, which) => ({
          pattern: textAt(pattern),
          field: `.spec.rules[${index}].from[${place}].source.namespaces[${which}]`,
        })),
      ),
    ),
  );
}

function fits(name: string, pattern: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name.toLowerCase() === pattern.toLowerCase();
}

/** Names told before the rest is only counted. */
const SHOWN_NAMES = 5;

/** IST0175: istiod fetches keys from anywhere although something asks it to fetch keys. */
export function unrestrictedKeyFetches(world: World): readonly Message[] {
  const names = world
    .all('RequestAuthentication')
    .map(({ namespace, name }) => `${namespace}/${name}`);
  if (names.length === 0) return [];
  const more = names.length - SHOWN_NAMES;
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  const list = more > 0 ? `${shown}, and ${more} more` : shown;
  return world
    .all('Deployment')
    .filter(({ labels }) => labels['app'] === 'istiod')
    .filter(({ object }) => !hasBlockedRanges(object))
    .map((about) => ({
      code: 'IST0175',
      about,
      text: `BLOCKED_CIDRS_IN_JWKS_URIS is not configured but ${names.length} RequestAuthentication resource(s) exist (${list}). Consider configuring it to restrict JWKS URI fetches to trusted networks.`,
    }));
}

function hasBlockedRanges(deployment: Analyzed['object']): boolean {
  return listAt(deployment, 'spec', 'template', 'spec', 'containers').some((container) =>
    listAt(container, 'env').some(
      (variable) =>
        textAt(variable, 'name') === 'BLOCKED_CIDRS_IN_JWKS_URIS' &&
        textAt(variable, 'value') !== '',
    ),
  );
}
