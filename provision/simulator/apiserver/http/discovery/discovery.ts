/** What the server serves, for clients (Kubernetes documentation, "API Concepts", discovery). */
import type { Kind } from '../../../kinds/kind.ts';
import { compareVersions } from '../../../kinds/versions.ts';
import { groupVersion } from '../../served-kinds.ts';
import { subresourcesOf, type Subresource } from '../subresources/subresources.ts';

/** Order of the groups, which decides what a short name means; groups of CRDs follow. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

/** A group and its versions, preferred first. */
interface ServedGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** The groups of some kinds in the order clients prefer them. */
function groupsOf(kinds: readonly Kind[]): readonly ServedGroup[] {
  const versions = new Map<string, Set<string>>();
  for (const kind of kinds) {
    const known = versions.get(kind.group) ?? new Set();
    versions.set(kind.group, known.add(kind.version));
  }
  return [...versions]
    .map(([name, known]) => ({ name, versions: [...known].toSorted(compareVersions) }))
    .toSorted(
      (left, right) =>
        groupRank(left.name) - groupRank(right.name) || (left.name < right.name ? -1 : 1),
    );
}

function groupRank(name: string): number {
  const index = GROUP_ORDER.indexOf(name);
  return index < 0 ? GROUP_ORDER.length : index;
}

/** `GET /api`. */
export function coreVersions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** `GET /apis`. */
export function groupList(kinds: readonly Kind[]): object {
  const groups = groupsOf(kinds).filter(({ name }) => name !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map((group) => groupBody(group)),
  };
}

/** `GET /apis/<group>`; undefined for a group that is not served. */
export function groupDocument(kinds: readonly Kind[], name: string): object | undefined {
  const group = groupsOf(kinds).find((one) => one.name === name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) };
}

/** `GET /apis/<group>/<version>`; undefined for a version that is not served. */
export function resourceList(
  kinds: readonly Kind[],
  group: string,
  version: string,
): object | undefined {
  const own = kinds.filter((kind) => kind.group === group && kind.version === version);
  const first = own[0];
  if (!first) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: groupVersion(first),
    resources: own.flatMap((kind) => [resourceBody(kind), ...subresourceBodies(kind)]),
  };
}

/** Aggregated discovery (apidiscovery.k8s.io, v2 and v2beta1): `/api` or `/apis` in one document. */
export function aggregated(kinds: readonly Kind[], isCore: boolean, version: string): object {
  const groups = groupsOf(kinds).filter(({ name }) => (name === '') === isCore);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { ...(name !== '' && { name }), creationTimestamp: null },
      versions: versions.map((one) => ({
        version: one,
        resources: kinds
          .filter((kind) => kind.group === name && kind.version === one)
          .map((kind) => discoveredResource(kind)),
        freshness: 'Current',
      })),
    })),
  };
}

function groupBody({ name, versions }: ServedGroup): object {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceBody(kind: Kind): object {
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.isNamespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
  };
}

function subresourceBodies(kind: Kind): readonly object[] {
  return subresourcesOf(kind).map(({ name, verbs, ...part }) => {
    const [group, version] = part.groupVersion?.split('/') ?? [];
    return {
      name: `${kind.plural}/${name}`,
      singularName: '',
      namespaced: kind.isNamespaced,
      ...(group !== undefined && { group, version }),
      kind: part.kind,
      verbs,
    };
  });
}

function discoveredResource(kind: Kind): object {
  const subresources = subresourcesOf(kind).map((part) => ({
    subresource: part.name,
    responseKind: responseKind(kind, part),
    verbs: part.verbs,
  }));
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function responseKind(kind: Kind, part: Subresource): object {
  const [group = kind.group, version = kind.version] = part.groupVersion?.split('/') ?? [];
  return { group, version, kind: part.kind };
}
