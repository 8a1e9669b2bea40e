import type { Resource } from '../client/client.ts';
import { kindsOfCrd } from '../kinds/crd/kinds.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kinds/object.ts';
import { aggregatedKinds } from '../kinds/registry.ts';
import { at, listAt, stringAt } from './objects/json.ts';
import type { Store } from './store/store.ts';

/** Where the objects of a resource are stored; all its versions share them. */
export function storageKey(resource: Pick<Resource, 'group' | 'plural'>): string {
  const group = resource.group === 'events.k8s.io' ? '' : resource.group;
  return `${group}/${resource.plural}`;
}

/** `apps/v1`, `v1`. */
export function groupVersion(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

export const CRDS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' } as const;

export const API_SERVICES = { group: 'apiregistration.k8s.io', plural: 'apiservices' } as const;

interface Index {
  readonly all: readonly Kind[];
  readonly byResource: ReadonlyMap<string, Kind>;
  readonly byKind: ReadonlyMap<string, Kind>;
  readonly storage: ReadonlyMap<string, Kind>;
}

/** The kinds of a CRD object; shared by all clusters that share the object. */
const kindsByCrd = new WeakMap<KubeObject, readonly Kind[]>();

/** What the cluster serves now: built-in kinds and those of its CustomResourceDefinitions. */
export class ServedKinds {
  readonly #store: Store;
  readonly #builtin: readonly Kind[];
  #crds: readonly KubeObject[] | undefined;
  #apiServices: readonly KubeObject[] | undefined;
  #index: Index;

  constructor(store: Store, builtin: readonly Kind[]) {
    this.#store = store;
    this.#builtin = builtin;
    this.#index = indexOf(builtin);
  }

  all(): readonly Kind[] {
    return this.#current().all;
  }

  /** The kind behind a URL: `apps`, `v1`, `deployments`. */
  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#current().byResource.get(`${group}/${version}/${plural}`);
  }

  /** The kind of an object: `apps/v1`, `Deployment`. */
  findKind(apiVersion: string, kind: string): Kind | undefined {
    return this.#current().byKind.get(`${apiVersion}/${kind}`);
  }

  /** The version that objects of the resource are stored in. */
  storageKind(kind: Kind): Kind {
    return this.#current().storage.get(storageKey(kind)) ?? kind;
  }

  /** The CustomResourceDefinition behind a kind; undefined for built-in ones. */
  crdOf(kind: Kind): KubeObject | undefined {
    return this.#store.get(storageKey(CRDS), '', `${kind.plural}.${kind.group}`);
  }

  /** CustomResourceDefinitions in force; the same list until one changes. */
  crds(): readonly KubeObject[] {
    return this.#store.list(storageKey(CRDS)).items;
  }

  #current(): Index {
    const crds = this.crds();
    const apiServices = this.#store.stored(storageKey(API_SERVICES));
    if (crds === this.#crds && apiServices === this.#apiServices) return this.#index;
    this.#crds = crds;
    this.#apiServices = apiServices;
    const names = new Set(apiServices.map(({ metadata }) => metadata.name));
    const aggregated = aggregatedKinds().filter(({ group, version }) =>
      names.has(`${version}.${group}`),
    );
    const custom = crds.flatMap((crd) => kindsOf(crd));
    this.#index = indexOf([...this.#builtin, ...aggregated, ...custom]);
    return this.#index;
  }
}

function kindsOf(crd: KubeObject): readonly Kind[] {
  const known = kindsByCrd.get(crd);
  if (known) return known;
  const storage = storageVersionOf(crd);
  // The first kind of a resource is the one its objects are stored as.
  const kinds = kindsOfCrd(crd).toSorted(
    (left, right) => Number(right.version === storage) - Number(left.version === storage),
  );
  kindsByCrd.set(crd, kinds);
  return kinds;
}

function indexOf(kinds: readonly Kind[]): Index {
  const byResource = new Map<string, Kind>();
  const byKind = new Map<string, Kind>();
  const storage = new Map<string, Kind>();
  for (const kind of kinds) {
    byResource.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
    byKind.set(`${groupVersion(kind)}/${kind.kind}`, kind);
    const key = storageKey(kind);
    const isBetter = !storage.has(key) || isStorageVersion(kind);
    // events.k8s.io shares the objects of the core group, which come first.
    if (isBetter) storage.set(key, kind);
  }
  return { all: kinds, byResource, byKind, storage };
}

function isStorageVersion(kind: Kind): boolean {
  return `${kind.group}/${kind.version}` === 'autoscaling/v2';
}

/** The version that a CustomResourceDefinition has its objects stored in. */
export function storageVersionOf(crd: object): string | undefined {
  const version = listAt(crd, 'spec', 'versions').find((entry) => at(entry, 'storage') === true);
  return stringAt(version, 'name');
}
