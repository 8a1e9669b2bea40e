import { isNotFound } from '../../client/api-error.ts';
import type { ClusterClient } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import { timestamp } from '../../clock.ts';
import { events } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container it is about, for `involvedObject.fieldPath`. */
  readonly container?: { readonly name: string; readonly isInit: boolean };
}

/** Writes a kubelet's events; the same event again raises the count of the first. */
export class EventRecorder {
  readonly #client: ClusterClient;
  readonly #clock: Clock;
  /** Per pod and text: the event's name and count, written one after the other. */
  readonly #written = new Map<string, { readonly name: string; count: number }>();
  #order = 0n;
  #queue = Promise.resolve();

  constructor(client: ClusterClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  record(pod: Pod, event: PodEvent): void {
    // Events tell a person what happened; that one is lost must not stop a pod.
    this.#queue = this.#queue.then(() => this.#write(pod, event)).catch(() => undefined);
  }

  /** Forgets what was written about a pod that is gone. */
  forget(pod: Pod): void {
    for (const key of this.#written.keys()) {
      if (key.startsWith(pod.metadata.uid)) this.#written.delete(key);
    }
  }

  async #write(pod: Pod, event: PodEvent): Promise<void> {
    const { uid, namespace = 'default' } = pod.metadata;
    const key = [uid, event.reason, event.container?.name, event.message].join('\n');
    const earlier = this.#written.get(key);
    if (earlier && (await this.#raise(earlier, namespace))) return;
    const name = `${pod.metadata.name}.${this.#hex()}`;
    this.#written.set(key, { name, count: 1 });
    await this.#create(pod, event, name);
  }

  async #raise(earlier: { readonly name: string; count: number }, namespace: string) {
    earlier.count++;
    try {
      await this.#client.patch(
        events,
        { name: earlier.name, namespace },
        { count: earlier.count, lastTimestamp: timestamp(this.#clock) },
      );
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create(pod: Pod, event: PodEvent, name: string): Promise<void> {
    const { metadata, spec } = pod;
    const now = timestamp(this.#clock);
    const host = spec.nodeName ?? '';
    const list = event.container?.isInit ? 'initContainers' : 'containers';
    await this.#client.create(events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: metadata.namespace ?? 'default' },
      involvedObject: {
        kind: 'Pod',
        apiVersion: 'v1',
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(event.container && { fieldPath: `spec.${list}{${event.container.name}}` }),
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component: 'kubelet', host },
      reportingComponent: 'kubelet',
      reportingInstance: host,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      eventTime: null,
    });
  }

  /** 16 hex digits, as client-go makes them from the time in nanoseconds. */
  #hex(): string {
    this.#order = (this.#order + 1n) % 1_000_000n;
    return (BigInt(this.#clock.now()) * 1_000_000n + this.#order).toString(16);
  }
}
