import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { timestamp } from '../clock.ts';
import type { KubeObject } from '../kinds/object.ts';
import { events } from '../kinds/resources.ts';
import type { ObjectReference } from '../kinds/types/core.ts';
import { PENDING_EVENTS_LIMIT, REMEMBERED_EVENTS } from './limits.ts';

export interface EventRecorderOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** Shown as the source: `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node, for a kubelet's events. */
  readonly host?: string;
}

/** What happened to an object. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** In upstream's CamelCase: `ScalingReplicaSet`. */
  readonly reason: string;
  readonly message: string;
  /** The part of the object: `spec.containers{reviews}`. */
  readonly fieldPath?: string;
  /** Who says so; default: the recorder's component. */
  readonly component?: string;
}

interface RecordedEvent {
  readonly name: string;
  readonly count: number;
}

/**
 * Writes core/v1 Events (client-go tools/record). A repeat of the same happening counts up the first event instead of
 * adding one. Writes go out in order behind the caller's back; an event the API server refuses is dropped, as upstream.
 */
export class EventRecorder implements AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #known = new Map<string, RecordedEvent>();
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(object: KubeObject, happening: Happening): void {
    if (this.#pending >= PENDING_EVENTS_LIMIT) return;
    this.#pending++;
    const at = timestamp(this.#options.clock);
    const suffix = nameSuffix(this.#options.clock.now());
    this.#tail = this.#writeAfter(this.#tail, () => this.#write(object, happening, { at, suffix }));
  }

  /** Waits until everything recorded so far has been written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
  }

  async #writeAfter(earlier: Promise<void>, write: () => Promise<void>): Promise<void> {
    await earlier;
    try {
      await write();
    } catch {
      // The namespace is going away or the object's name is too long for an event: upstream gives up too.
    } finally {
      this.#pending--;
    }
  }

  async #write(
    object: KubeObject,
    happening: Happening,
    { at, suffix }: { readonly at: string; readonly suffix: string },
  ): Promise<void> {
    const { client } = this.#options;
    const { type, reason, message, fieldPath = '' } = happening;
    const namespace = object.metadata.namespace || 'default';
    const identity = [object.metadata.uid, type, reason, message, fieldPath].join('\n');
    const known = this.#known.get(identity);
    if (known && client.get(events, known.name, namespace)) {
      const count = known.count + 1;
      this.#remember(identity, { name: known.name, count });
      const target = { name: known.name, namespace };
      await client.patch(events, target, { count, lastTimestamp: at });
      return;
    }
    const name = `${object.metadata.name}.${suffix}`;
    await client.create(events, {
      ...this.#event(object, happening, at),
      metadata: { name, namespace },
    });
    this.#remember(identity, { name, count: 1 });
  }

  #event(object: KubeObject, happening: Happening, at: string) {
    const { type, reason, message, fieldPath } = happening;
    const { component = this.#options.component } = happening;
    const { host } = this.#options;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        ...referenceTo(object),
        ...(fieldPath !== undefined && { fieldPath }),
      },
      reason,
      message,
      type,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      eventTime: null,
      source: { component, ...(host !== undefined && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  /** The one that was not repeated for longest is forgotten first, as by client-go's cache. */
  #remember(identity: string, event: RecordedEvent): void {
    this.#known.delete(identity);
    this.#known.set(identity, event);
    if (this.#known.size <= REMEMBERED_EVENTS) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

let recorded = 0n;

/**
 * Upstream takes the time in nanoseconds; counting stands in for what is finer than our clock. All components count together, so
 * that events of the same moment are listed in the order in which they happened, and none meets another's name.
 */
function nameSuffix(nowMs: number): string {
  recorded = (recorded + 1n) % 1_000_000n;
  return (BigInt(nowMs) * 1_000_000n + recorded).toString(16);
}

/** Points at an object as it is now, as events and volumes do. */
export function referenceTo(object: KubeObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    apiVersion: object.apiVersion,
    resourceVersion,
  };
}
