import type { KubeObject } from '../../kinds/object.ts';
import { DELIVERY_LIMIT_TURNS } from '../limits.ts';
import { History, type StoreEvent } from './history.ts';
import { Table } from './table.ts';

export type { StoreEvent } from './history.ts';

/** What a listing saw, and the revision it was read at. */
export interface Listing {
  readonly items: readonly KubeObject[];
  readonly revision: number;
}

/**
 * What readers see of a resource in place of its stored objects: some are worked out (metrics), others carry what changes
 * without a write (heartbeats), so that nothing has to run while nobody looks. Watches tell of stored objects alone.
 */
export type View = (stored: readonly KubeObject[]) => readonly KubeObject[];

/** Sizes of objects in bytes of JSON; stores that share an object share its size. */
const sizes = new WeakMap<KubeObject, number>();

/** Objects of a restored store are measured when they are replaced. */
function sizeOf(object: KubeObject): number {
  const known = sizes.get(object);
  if (known !== undefined) return known;
  const size = JSON.stringify(object).length;
  sizes.set(object, size);
  return size;
}

/** Whoever is told of changes after a revision. */
interface Listener {
  readonly since: number;
  readonly tell: (event: StoreEvent) => void;
  isActive: boolean;
}

/**
 * The objects of one cluster, by resource (`apps/deployments`; the core group has an empty group), namespace and
 * name. Objects are never changed in place, so that stores forked from one another share them. Every write takes the
 * next revision.
 */
export class Store {
  #revision: number;
  readonly #tables: Map<string, Table>;
  /** Tables no other store refers to; all others are copied before the first write. */
  readonly #owned = new Set<Table>();
  readonly #histories = new Map<string, History>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #views = new Map<string, View>();
  /** Changes before this revision are unknown: the store was forked or restored at it. */
  readonly #floor: number;
  #sizeBytes: number;
  #deliveries: (() => void)[] = [];
  #isDelivering = false;
  #turns = 0;

  constructor(revision = 0, tables: ReadonlyMap<string, Table> = new Map(), sizeBytes = 0) {
    this.#revision = revision;
    this.#sizeBytes = sizeBytes;
    this.#floor = revision;
    this.#tables = new Map(tables);
  }

  /** The revision of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  /** A store with the same objects that goes its own way from here; costs microseconds. */
  fork(): Store {
    this.#owned.clear();
    return new Store(this.#revision, this.#tables, this.#sizeBytes);
  }

  /** JSON of all objects in bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Shows a resource by `view` from now on; forks and snapshots do not take it with them. */
  show(resource: string, view: View): void {
    this.#views.set(resource, view);
  }

  get(resource: string, namespace: string, name: string): KubeObject | undefined {
    const stored = this.#tables.get(resource)?.get(namespace, name);
    const view = this.#views.get(resource);
    if (!view) return stored;
    return view(stored ? [stored] : []).find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
    );
  }

  /** Objects in the order of their namespaces and names; of all namespaces when none is given. */
  list(resource: string, namespace?: string): Listing {
    const stored = this.stored(resource, namespace);
    const view = this.#views.get(resource);
    const items = view ? inOrder(view(stored), namespace) : stored;
    return { items, revision: this.#revision };
  }

  /** The objects themselves, whatever a view makes of them; the same list until one changes. */
  stored(resource: string, namespace?: string): readonly KubeObject[] {
    return this.#tables.get(resource)?.list(namespace) ?? NO_OBJECTS;
  }

  /** How many objects of a resource there are, in all namespaces. */
  count(resource: string): number {
    return this.#tables.get(resource)?.size ?? 0;
  }

  /**
   * The objects as they were at a revision, in the order of `list`; undefined when that is no longer known. Costs
   * what has changed since.
   */
  listAt(resource: string, revision: number, namespace?: string): Listing | undefined {
    const changes = this.since(resource, revision);
    if (!changes || revision > this.#revision) return undefined;
    if (changes.length === 0) return { ...this.list(resource, namespace), revision };
    const table = this.#tables.get(resource)?.copy() ?? new Table();
    for (const { object, previous } of changes.toReversed()) {
      const { name, namespace: place = '' } = object.metadata;
      if (previous) table.set(place, name, previous);
      else table.delete(place, name);
    }
    return { items: table.list(namespace), revision };
  }

  /** Stores what `make` returns for the revision that the write will have; `size` in bytes of JSON, measured when left out. */
  put(resource: string, make: (revision: number) => KubeObject, size?: number): KubeObject {
    const revision = this.#revision + 1;
    const object = make(revision);
    const sizeBytes = size ?? sizeOf(object);
    const table = this.#writable(resource);
    const { name, namespace = '' } = object.metadata;
    const previous = table.get(namespace, name);
    table.set(namespace, name, object);
    this.#publish(resource, {
      type: previous ? 'MODIFIED' : 'ADDED',
      revision,
      object,
      previous,
    });
    this.#count(previous, object, sizeBytes);
    return object;
  }

  /** Takes an object away; `make` gives its last state, which watches are told, for the revision of the removal. */
  remove(
    resource: string,
    object: KubeObject,
    make: (revision: number) => KubeObject = () => object,
  ): KubeObject {
    const revision = this.#revision + 1;
    const last = make(revision);
    this.#writable(resource).delete(object.metadata.namespace ?? '', object.metadata.name);
    this.#publish(resource, { type: 'DELETED', revision, object: last, previous: object });
    this.#count(object, undefined, 0);
    return last;
  }

  /** Tells `tell` of each change after now, in order and never from within the write. */
  listen(resource: string, tell: (event: StoreEvent) => void, since = this.#revision): Disposable {
    const listener: Listener = { since, tell, isActive: true };
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners);
    listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        listener.isActive = false;
        listeners.delete(listener);
      },
    };
  }

  /** Tells `tell` of all objects as ADDED, then of each change. */
  watch(resource: string, tell: (event: StoreEvent) => void): Disposable {
    const { items, revision } = this.list(resource);
    let isActive = true;
    this.#deliver(() => {
      for (const object of items) {
        if (isActive) tell({ type: 'ADDED', revision, object, previous: undefined });
      }
    });
    const listening = this.listen(resource, tell);
    return {
      [Symbol.dispose]: () => {
        isActive = false;
        listening[Symbol.dispose]();
      },
    };
  }

  /** Changes after `revision`, oldest first; undefined when they are no longer known. */
  since(resource: string, revision: number): readonly StoreEvent[] | undefined {
    if (revision >= this.#revision) return [];
    if (revision < this.#floor) return undefined;
    const history = this.#histories.get(resource);
    return history ? history.since(revision) : [];
  }

  /** The oldest revision that `since` still answers for. */
  oldest(resource: string): number {
    return Math.max(this.#floor, this.#histories.get(resource)?.droppedRevision ?? 0);
  }

  /** All resources that have objects. */
  resources(): readonly string[] {
    return [...this.#tables.keys()].toSorted();
  }

  #count(before: KubeObject | undefined, now: KubeObject | undefined, bytes: number): void {
    this.#sizeBytes += bytes - (before ? sizeOf(before) : 0);
    if (now) sizes.set(now, bytes);
  }

  #writable(resource: string): Table {
    const table = this.#tables.get(resource);
    if (table && this.#owned.has(table)) return table;
    const own = table ? table.copy() : new Table();
    this.#tables.set(resource, own);
    this.#owned.add(own);
    return own;
  }

  #publish(resource: string, event: StoreEvent): void {
    this.#revision = event.revision;
    const history = this.#histories.get(resource) ?? new History();
    this.#histories.set(resource, history);
    history.add(event, event.previous ? sizeOf(event.previous) : 0);
    const listeners = this.#listeners.get(resource);
    if (!listeners?.size) return;
    this.#deliver(() => {
      for (const listener of listeners) {
        if (listener.isActive && listener.since < event.revision) listener.tell(event);
      }
    });
  }

  #deliver(delivery: () => void): void {
    this.#deliveries.push(delivery);
    if (!this.#isDelivering) this.#schedule();
  }

  // Chains of controllers settle within one turn of the event loop, unless they go on and on.
  #schedule(): void {
    this.#isDelivering = true;
    if (this.#turns === 0) setImmediate(() => (this.#turns = 0));
    this.#turns++;
    if (this.#turns < DELIVERY_LIMIT_TURNS) queueMicrotask(() => this.#run());
    else setImmediate(() => this.#run());
  }

  #run(): void {
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    try {
      while (deliveries.length > 0) deliveries.shift()?.();
    } finally {
      this.#deliveries = [...deliveries, ...this.#deliveries];
      this.#isDelivering = false;
      if (this.#deliveries.length > 0) this.#schedule();
    }
  }
}

/** One list for every resource without objects, so that it can be told from a changed one. */
const NO_OBJECTS: readonly KubeObject[] = [];

function inOrder(
  objects: readonly KubeObject[],
  namespace: string | undefined,
): readonly KubeObject[] {
  return objects
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .toSorted((left, right) => (position(left) < position(right) ? -1 : 1));
}

function position({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}\u0000${metadata.name}`;
}
