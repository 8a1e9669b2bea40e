/** A cluster for tests of controllers: the API's semantics that controllers rely on, in memory, without schemas or admission. */
import { ApiError } from '../client/api-error.ts';
import type {
  ClusterClient,
  DeleteOptions,
  ListOptions,
  NewObject,
  Resource,
  WatchEvent,
  WriteOptions,
} from '../client/client.ts';
import { timestamp } from '../clock.ts';
import { FakeClock } from '../fake-clock.ts';
import { asJson, asKubeObject, isObject, isSame, objectAt, stringAt } from '../kinds/json.ts';
import type { Json, JsonObject, KubeObject } from '../kinds/object.ts';
import { events, pods } from '../kinds/resources.ts';
import { parseLabelSelector } from '../kinds/selectors/labels.ts';
import type { Controller } from './controller.ts';
import { keyOf, targetOf } from './controller.ts';
import { EventRecorder } from './events.ts';

type Listener = (event: WatchEvent<KubeObject>) => void;
type Target = { readonly name: string; readonly namespace?: string };

/** The first status that the API server gives where there is none. */
const FIRST_STATUS: Readonly<Record<string, JsonObject>> = {
  pods: { phase: 'Pending' },
  replicasets: { replicas: 0 },
  deployments: {},
  namespaces: { phase: 'Active' },
};
const FINALIZER_OF: Readonly<Record<string, string>> = {
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
};

export class FakeCluster implements ClusterClient, AsyncDisposable {
  readonly clock = new FakeClock();
  /** Errors of controllers, as `controller key: message`. */
  readonly errors: string[] = [];
  /** Writes that changed something, events left out, as `create pods default/web`. */
  readonly writes: string[] = [];
  /** Refuses creations for which it returns an error. */
  refuse: (resource: Resource, object: NewObject) => ApiError | undefined = () => undefined;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #running: AsyncDisposable[] = [];
  #revision = 0;
  #names = 0;

  /** Runs a controller against this cluster, until `stop`, and lets it see what there is. */
  async run(controller: Controller): Promise<void> {
    const { clock } = this;
    const component = controller.name;
    const recorder = new EventRecorder({ client: this, clock, component });
    this.#running.push(
      controller.start({
        client: this,
        clock,
        random: half,
        events: recorder,
        loadBalancerRange: '172.30.255.0/24',
        onError: (key, error) => this.errors.push(`${component} ${key}: ${String(error)}`),
      }),
    );
    await clock.advance(0);
  }

  /** Ends the controllers that run. */
  async stop(): Promise<void> {
    for (const controller of this.#running.splice(0)) await controller[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Texts of all events, oldest first: `Normal Reason object: message`. */
  eventTexts(): readonly string[] {
    return this.list(events)
      .toSorted((a, b) => Number(a.metadata.uid) - Number(b.metadata.uid))
      .map(({ type, reason, message, involvedObject, count }) => {
        const times = count === 1 ? '' : ` (x${count})`;
        return `${type} ${reason} ${involvedObject.name}: ${message}${times}`;
      });
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace = ''): T | undefined {
    const object = this.#table(resource).get(`${scope(resource, namespace)}/${name}`);
    return object && typed(resource, object);
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): readonly T[] {
    const { namespace, labelSelector = '' } = options;
    const matches = parseLabelSelector(labelSelector);
    return [...this.#table(resource).values()]
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
      .filter(({ metadata }) => matches(metadata.labels))
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((object) => typed(resource, object));
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    listener: (event: WatchEvent<T>) => void,
  ): Disposable {
    const known = this.list(resource);
    let isActive = true;
    const tell: Listener = ({ type, object }) => {
      if (isActive) listener({ type, object: typed(resource, object) });
    };
    queueMicrotask(() => {
      for (const object of known) tell({ type: 'ADDED', object });
    });
    const listeners = this.#listeners.get(nameOf(resource)) ?? new Set();
    this.#listeners.set(nameOf(resource), listeners.add(tell));
    return {
      [Symbol.dispose]() {
        isActive = false;
        listeners.delete(tell);
      },
    };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: NewObject): Promise<T> {
    const refusal = this.refuse(resource, object);
    if (refusal) throw refusal;
    const { generateName = '', name = `${generateName}${this.#suffix()}` } = object.metadata;
    const namespace = scope(resource, object.metadata.namespace ?? '');
    if (this.get(resource, name, namespace)) {
      throw new ApiError(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    }
    const status = asJson(object)['status'] ?? FIRST_STATUS[resource.plural];
    const metadata = {
      ...object.metadata,
      name,
      ...(resource.isNamespaced && { namespace }),
      uid: String(this.#revision + 1),
      creationTimestamp: timestamp(this.clock),
      generation: 1,
    };
    const made = { ...asJson(object), metadata, ...(status !== undefined && { status }) };
    return this.#store(resource, 'create', asKubeObject(asJson(made)));
  }

  async update<T extends KubeObject>(
    resource: Resource<T>,
    object: NewObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const { name = '', namespace = '', resourceVersion = '' } = object.metadata;
    const old = this.#existing(resource, { name, namespace });
    if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
      throw new ApiError(409, 'Conflict', `the object ${name} has been modified`);
    }
    return this.#change(resource, old, partOf(asJson(object), asJson(old), options.subresource));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    target: Target,
    patch: JsonObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const old = this.#existing(resource, target);
    const uid = stringAt(patch, 'metadata', 'uid');
    if (uid !== '' && uid !== old.metadata.uid) {
      throw new ApiError(409, 'Conflict', `the object ${target.name} is another one`);
    }
    const merged = objectAt({ merged: merge(asJson(old), patch) }, 'merged');
    const subresource = options.subresource === 'scale' ? undefined : options.subresource;
    return this.#change(resource, old, partOf(merged, asJson(old), subresource));
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    target: Target,
    options: DeleteOptions = {},
  ): Promise<void> {
    const old = this.#existing(resource, target);
    if (options.uid !== undefined && options.uid !== old.metadata.uid) {
      throw new ApiError(409, 'Conflict', `the object ${target.name} is another one`);
    }
    const finalizer = FINALIZER_OF[options.propagationPolicy ?? ''];
    const finalizers = [...(old.metadata.finalizers ?? []), ...(finalizer ? [finalizer] : [])];
    const isBound = resource.plural === 'pods' && stringAt(asJson(old), 'spec', 'nodeName') !== '';
    const graceSeconds = isBound ? (options.gracePeriodSeconds ?? 30) : 0;
    const marked = {
      ...asJson(old),
      metadata: {
        ...old.metadata,
        ...(finalizers.length > 0 && { finalizers }),
        deletionTimestamp: old.metadata.deletionTimestamp ?? timestamp(this.clock),
        deletionGracePeriodSeconds: graceSeconds,
      },
    };
    this.#settle(resource, asKubeObject(asJson(marked)), 'delete');
  }

  /** Changes a pod's status as its kubelet would. */
  async reportPod(pod: KubeObject, status: JsonObject): Promise<void> {
    const current = this.#existing(pods, targetOf(pod));
    const merged = { ...objectAt(asJson(current), 'status'), ...status };
    await this.update(pods, { ...current, status: merged }, { subresource: 'status' });
    await this.clock.advance(0);
  }

  #change<T extends KubeObject>(resource: Resource<T>, old: T, next: JsonObject): T {
    const isNewSpec = !isSame(contentOf(next), contentOf(asJson(old)));
    const generation = (old.metadata.generation ?? 1) + (isNewSpec ? 1 : 0);
    const { uid, creationTimestamp, resourceVersion, deletionTimestamp } = old.metadata;
    const kept = { uid, creationTimestamp, resourceVersion, generation, deletionTimestamp };
    const changed = { ...next, metadata: { ...objectAt(next, 'metadata'), ...kept } };
    if (isSame(changed, asJson(old))) return old;
    return this.#settle(resource, asKubeObject(asJson(changed)), 'update');
  }

  /** Stores the object or, when it is deleted and waits for nothing, removes it. */
  #settle<T extends KubeObject>(resource: Resource<T>, object: KubeObject, verb: string): T {
    const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
    const contents = objectAt(asJson(object), 'spec')['finalizers'];
    const isHeld = finalizers.length > 0 || deletionGracePeriodSeconds > 0 || !isEmpty(contents);
    if (deletionTimestamp === undefined || isHeld) return this.#store(resource, verb, object);
    this.#note(resource, 'delete', object);
    this.#table(resource).delete(keyOf(object));
    this.#tell(resource, { type: 'DELETED', object });
    return typed(resource, object);
  }

  #store<T extends KubeObject>(resource: Resource<T>, verb: string, object: KubeObject): T {
    const resourceVersion = String(++this.#revision);
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion } };
    const type = this.#table(resource).has(keyOf(stored)) ? 'MODIFIED' : 'ADDED';
    this.#table(resource).set(keyOf(stored), stored);
    this.#note(resource, verb, stored);
    this.#tell(resource, { type, object: stored });
    return typed(resource, stored);
  }

  #note(resource: Resource, verb: string, object: KubeObject): void {
    if (resource.plural !== 'events')
      this.writes.push(`${verb} ${resource.plural} ${keyOf(object)}`);
  }

  #tell(resource: Resource, event: WatchEvent<KubeObject>): void {
    const listeners = [...(this.#listeners.get(nameOf(resource)) ?? [])];
    queueMicrotask(() => {
      for (const listener of listeners) listener(event);
    });
  }

  #existing<T extends KubeObject>(resource: Resource<T>, { name, namespace }: Target): T {
    const object = this.get(resource, name, namespace);
    if (!object) throw new ApiError(404, 'NotFound', `${resource.plural} "${name}" not found`);
    return object;
  }

  #table(resource: Resource): Map<string, KubeObject> {
    const table = this.#objects.get(nameOf(resource)) ?? new Map<string, KubeObject>();
    this.#objects.set(nameOf(resource), table);
    return table;
  }

  #suffix(): string {
    return String(++this.#names).padStart(5, 'a');
  }
}

/** A pod's status when all is well with it. */
export function readyStatus(podIP: string, since: string): JsonObject {
  return {
    phase: 'Running',
    podIP,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }],
  };
}

function partOf(next: JsonObject, old: JsonObject, subresource = ''): JsonObject {
  switch (subresource) {
    case 'status':
      return { ...old, status: next['status'] };
    case 'finalize':
      return { ...old, spec: { ...objectAt(old, 'spec'), ...objectAt(next, 'spec') } };
    case 'binding':
      return {
        ...old,
        spec: { ...objectAt(old, 'spec'), nodeName: stringAt(next, 'target', 'name') },
      };
    default:
      return { ...next, status: old['status'] };
  }
}

/** What metadata.generation counts the changes of. */
function contentOf({ metadata: _metadata, status: _status, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Stands for chance. */
function half(): number {
  return 0.5;
}

/** RFC 7386. */
function merge(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json | undefined> = { ...(isObject(value) ? value : {}) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key];
    else if (change !== undefined) merged[key] = merge(merged[key], change);
  }
  return merged;
}

function isEmpty(value: Json | undefined): boolean {
  return !Array.isArray(value) || value.length === 0;
}

function nameOf({ group, plural }: Resource): string {
  return `${group}/${plural}`;
}

function scope(resource: Resource, namespace: string): string {
  return resource.isNamespaced ? namespace : '';
}

function typed<T extends KubeObject>(resource: Resource<T>, object: KubeObject): T {
  if (!isOf(object, resource)) throw new TypeError(`${object.kind} is no ${resource.kind}`);
  return object;
}

function isOf<T extends KubeObject>(object: KubeObject, resource: Resource<T>): object is T {
  return object.kind === resource.kind;
}
