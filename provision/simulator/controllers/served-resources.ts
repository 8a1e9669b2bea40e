import type { ClusterClient, Resource, WatchEvent } from '../client/client.ts';
import { listAt, objectAt, stringAt, at } from '../kinds/json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kinds/object.ts';
import { builtinKinds } from '../kinds/registry.ts';
import { customResourceDefinitions } from '../kinds/resources.ts';

/** Every resource that holds objects, each in one version: those built in and those of the definitions there are now. */
export function servedResources(client: ClusterClient): readonly Resource[] {
  const custom = client.list(customResourceDefinitions).flatMap(resourcesOfDefinition);
  const byName = new Map<string, Resource>();
  for (const resource of [...builtinKinds().filter(holdsObjects), ...custom]) {
    const name = nameOf(resource);
    if (!byName.has(name)) byName.set(name, resource);
  }
  return [...byName.values()];
}

/** The resource of an owner's reference; undefined when its kind is not served. */
export function resourceOf(
  client: ClusterClient,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Resource | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const isWanted = (one: Resource) => one.group === group && one.kind === kind;
  const builtin = builtinKinds().find(isWanted);
  if (builtin) return builtin;
  const definitions = client.list(customResourceDefinitions);
  return definitions.flatMap(resourcesOfDefinition).find(isWanted);
}

/** Watches every resource that holds objects, those that are defined later included. */
export function watchEverything(
  client: ClusterClient,
  listener: (resource: Resource, event: WatchEvent<KubeObject>) => void,
): Disposable {
  const watches = new Map<string, Disposable>();
  const watch = (resource: Resource) => {
    const name = nameOf(resource);
    if (watches.has(name)) return;
    watches.set(
      name,
      client.watch(resource, (event) => listener(resource, event)),
    );
  };
  for (const resource of servedResources(client)) watch(resource);
  const definitions = client.watch(customResourceDefinitions, ({ type, object }) => {
    if (type === 'DELETED') return;
    for (const resource of resourcesOfDefinition(object)) watch(resource);
  });
  return {
    [Symbol.dispose]() {
      definitions[Symbol.dispose]();
      for (const one of watches.values()) one[Symbol.dispose]();
    },
  };
}

/** What a definition serves, in one version: only the names, which is all that is needed to read and delete. */
function resourcesOfDefinition(definition: KubeObject): readonly Resource[] {
  const spec = objectAt(definition, 'spec');
  const served = listAt(spec, 'versions').find((version) => at(version, 'served') === true);
  if (served === undefined) return [];
  return [
    {
      group: stringAt(spec, 'group'),
      version: stringAt(served, 'name'),
      plural: stringAt(spec, 'names', 'plural'),
      kind: stringAt(spec, 'names', 'kind'),
      isNamespaced: stringAt(spec, 'scope') === 'Namespaced',
    },
  ];
}

function nameOf({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}

/** Reviews are answered, not stored; events are left to age; events.k8s.io shows the same events once more. */
function holdsObjects({ verbs, plural }: Kind): boolean {
  return verbs.includes('delete') && verbs.includes('watch') && plural !== 'events';
}
