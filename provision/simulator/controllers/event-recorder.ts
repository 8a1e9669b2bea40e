import type { ClusterClient } from '../client/client.ts';
import { type Clock, timestamp } from '../clock.ts';
import type { KubeObject } from '../kinds/object.ts';
import { events } from '../kinds/resources.ts';

/** Events that are remembered, to raise their count when they happen again. */
const REMEMBERED = 500;

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Writes events of one component; the same one again raises the count of the first. */
export class EventRecorder {
  readonly #client: ClusterClient;
  readonly #clock: Clock;
  readonly #component: string;
  readonly #written = new Map<string, { readonly name: string; count: number }>();
  #queue = Promise.resolve();
  #order = 0;

  constructor(client: ClusterClient, clock: Clock, component: string) {
    this.#client = client;
    this.#clock = clock;
    this.#component = component;
  }

  record(about: KubeObject, event: EventText): void {
    // Events tell a person what happened; that one is lost must not stop a controller.
    this.#queue = this.#queue.then(() => this.#write(about, event)).catch(() => undefined);
  }

  async #write(about: KubeObject, { type, reason, message }: EventText): Promise<void> {
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
    const now = timestamp(this.#clock);
    const key = `${uid} ${reason} ${message}`;
    const known = this.#written.get(key);
    if (known) {
      known.count++;
      await this.#client.patch(
        events,
        { name: known.name, namespace },
        { count: known.count, lastTimestamp: now },
      );
      return;
    }
    const eventName = `${name}.${(this.#clock.now() * 1000 + this.#order++).toString(16)}`;
    if (this.#written.size >= REMEMBERED) this.#written.clear();
    this.#written.set(key, { name: eventName, count: 1 });
    const { apiVersion, kind } = about;
    await this.#client.create(events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: this.#component },
      reportingComponent: this.#component,
      reportingInstance: '',
    });
  }
}
