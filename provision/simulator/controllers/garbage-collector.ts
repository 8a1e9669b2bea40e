import type { ClusterClient, Resource } from '../client/client.ts';
import { kindsOfCrd } from '../kinds/crd.ts';
import type { KubeObject, OwnerReference } from '../kinds/object.ts';
import { builtinKinds } from '../kinds/registry.ts';
import { customResourceDefinitions } from '../kinds/resources.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

interface Node {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** Deletes what belongs to an owner that is gone (https://kubernetes.io/docs/concepts/architecture/garbage-collection/). */
export const garbageCollector: Controller = {
  name: 'garbage-collector',
  start: (context) => new Graph(context),
};

/** All objects by uid, with who depends on whom. */
class Graph implements Disposable {
  readonly #client: ClusterClient;
  readonly #stack = new DisposableStack();
  readonly #nodes = new Map<string, Node>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #watched = new Map<string, Disposable>();
  readonly #queue: WorkQueue;

  constructor({ client, clock }: ControllerContext) {
    this.#client = client;
    this.#queue = this.#stack.use(new WorkQueue(clock, (uid) => this.#collect(uid)));
    for (const kind of builtinKinds()) {
      if (kind.verbs.includes('watch') && kind.plural !== 'events') this.#watch(kind);
    }
    this.#stack.use(
      client.watch(customResourceDefinitions, ({ type, object }) => {
        for (const kind of kindsOfCrd(object)) {
          if (type !== 'DELETED') this.#watch(kind);
        }
      }),
    );
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watched.values()) watch[Symbol.dispose]();
    this.#stack.dispose();
  }

  #watch(resource: Resource): void {
    // One version of a kind tells of all its objects.
    const key = `${resource.group}/${resource.plural}`;
    if (this.#watched.has(key)) return;
    this.#watched.set(
      key,
      this.#client.watch(resource, ({ type, object }) =>
        this.#see(resource, object, type === 'DELETED'),
      ),
    );
  }

  #see(resource: Resource, object: KubeObject, isGone: boolean): void {
    const { uid, ownerReferences = [], finalizers = [] } = object.metadata;
    if (isGone) this.#nodes.delete(uid);
    else this.#nodes.set(uid, { resource, object });
    for (const owner of ownerReferences) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set<string>();
      if (isGone) dependents.delete(uid);
      else dependents.add(uid);
      if (dependents.size > 0) this.#dependents.set(owner.uid, dependents);
      else this.#dependents.delete(owner.uid);
      if (isGone && this.#nodes.has(owner.uid)) this.#queue.add(owner.uid);
    }
    if (isGone) for (const dependent of this.#dependents.get(uid) ?? []) this.#queue.add(dependent);
    else if (
      ownerReferences.length > 0 ||
      finalizers.some((one) => one === FOREGROUND || one === ORPHAN)
    )
      this.#queue.add(uid);
  }

  async #collect(uid: string): Promise<void> {
    const node = this.#nodes.get(uid);
    if (!node) return;
    const { object, resource } = node;
    const {
      finalizers = [],
      deletionTimestamp,
      ownerReferences = [],
      name,
      namespace,
    } = object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) {
      await this.#orphan(node);
      return;
    }
    if (deletionTimestamp && finalizers.includes(FOREGROUND)) {
      await this.#deleteForeground(node);
      return;
    }
    if (ownerReferences.length === 0 || deletionTimestamp) return;
    if (ownerReferences.some((owner) => this.#exists(owner, namespace))) return;
    const target = { name, ...(namespace !== undefined && { namespace }) };
    await this.#client.delete(resource, target, { uid, propagationPolicy: 'Background' });
  }

  /** An owner that no watch has told of yet is looked for before its dependents are given up. */
  #exists(owner: OwnerReference, namespace: string | undefined): boolean {
    if (this.#nodes.has(owner.uid)) return true;
    const [group, version] = owner.apiVersion.includes('/')
      ? owner.apiVersion.split('/')
      : ['', owner.apiVersion];
    const custom = this.#client.list(customResourceDefinitions).flatMap((crd) => kindsOfCrd(crd));
    const kind = [...builtinKinds(), ...custom].find(
      (one) => one.group === group && one.version === version && one.kind === owner.kind,
    );
    if (!kind) return false;
    return (
      this.#client.get(kind, owner.name, kind.isNamespaced ? namespace : undefined)?.metadata
        .uid === owner.uid
    );
  }

  /** Dependents first; the owner goes when none that blocks it is left. */
  async #deleteForeground({ object, resource }: Node): Promise<void> {
    const dependents = [...(this.#dependents.get(object.metadata.uid) ?? [])].flatMap(
      (uid) => this.#nodes.get(uid) ?? [],
    );
    for (const { object: dependent, resource: kind } of dependents) {
      if (dependent.metadata.deletionTimestamp) continue;
      const { name, namespace, uid } = dependent.metadata;
      const target = { name, ...(namespace !== undefined && { namespace }) };
      await this.#client.delete(kind, target, { uid, propagationPolicy: 'Foreground' });
    }
    if (dependents.length === 0) await this.#dropFinalizer({ object, resource }, FOREGROUND);
  }

  async #orphan({ object, resource }: Node): Promise<void> {
    for (const uid of this.#dependents.get(object.metadata.uid) ?? []) {
      const node = this.#nodes.get(uid);
      if (!node) continue;
      const { name, namespace, ownerReferences = [] } = node.object.metadata;
      const kept = ownerReferences.filter((owner) => owner.uid !== object.metadata.uid);
      const target = { name, ...(namespace !== undefined && { namespace }) };
      await this.#client.patch(node.resource, target, {
        metadata: { ownerReferences: kept.map((owner) => ({ ...owner })) },
      });
    }
    await this.#dropFinalizer({ object, resource }, ORPHAN);
  }

  async #dropFinalizer({ object, resource }: Node, finalizer: string): Promise<void> {
    const { name, namespace } = object.metadata;
    const current = this.#client.get(resource, name, namespace);
    if (!current || current.metadata.uid !== object.metadata.uid) return;
    const finalizers = (current.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    const target = { name, ...(namespace !== undefined && { namespace }) };
    await this.#client.patch(resource, target, { metadata: { finalizers } });
  }
}
