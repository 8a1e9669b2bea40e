import type { ClusterClient, WatchEvent } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import type { KubeObject } from '../kinds/object.ts';
import type { EventRecorder } from './events.ts';
import { WorkQueue } from './work-queue.ts';

/** What every controller works with. */
export interface ControllerContext {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly events: EventRecorder;
  /** Addresses for Services of type LoadBalancer, in CIDR notation. */
  readonly loadBalancerRange: string;
  /** Told of each pass that ended in an error, before it is tried again. */
  readonly onError: (key: string, error: unknown) => void;
}

/** One control loop: watches what concerns it and brings the cluster nearer to what is wanted. */
export interface Controller {
  /** The component as `kubectl describe` shows it behind its events: `deployment-controller`. */
  readonly name: string;
  /** Runs until the result is disposed of. */
  readonly start: (context: ControllerContext) => AsyncDisposable;
}

/** What makes a loop: the work for one key, and the watches that say which keys need it. */
export interface Loop {
  readonly sync: (key: string, queue: WorkQueue) => Promise<void>;
  readonly watch: (queue: WorkQueue) => readonly Disposable[];
}

/** Runs a loop on a queue of its own; disposing of it ends the watches first, then waits for work in hand. */
export function runLoop(
  { clock, onError }: Pick<ControllerContext, 'clock' | 'onError'>,
  loop: Loop,
): AsyncDisposable {
  const queue: WorkQueue = new WorkQueue({ clock, onError, sync: (key) => loop.sync(key, queue) });
  const watches = loop.watch(queue);
  return {
    async [Symbol.asyncDispose]() {
      for (const watch of watches) watch[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** Names an object in a queue: `namespace/name`, or `/name` in cluster scope. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The two parts of a key. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** A watch listener that queues the object itself. */
export function enqueue(queue: WorkQueue): (event: WatchEvent<KubeObject>) => void {
  return ({ object }) => queue.add(keyOf(object));
}

/** The object's name as the client's methods take it. */
export function targetOf({ metadata }: KubeObject): {
  readonly name: string;
  readonly namespace?: string;
} {
  const { name, namespace } = metadata;
  return { name, ...(namespace !== undefined && { namespace }) };
}

/** The namespace of a namespaced object. */
export function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? 'default';
}
