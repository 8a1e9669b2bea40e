import type { KubeObject } from '../../kinds/object.ts';
import { HISTORY_LIMIT_EVENTS } from '../limits.ts';

/** One change of one object. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** The object after the change; for DELETED its last state. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** The newest changes of one resource. */
export class History {
  readonly #events: StoreEvent[] = [];
  #droppedRevision = 0;

  /** Revision of the newest change that is no longer here; 0 when nothing was dropped. */
  get droppedRevision(): number {
    return this.#droppedRevision;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    // Dropping half at a time keeps adding cheap.
    if (this.#events.length < 2 * HISTORY_LIMIT_EVENTS) return;
    const dropped = this.#events.splice(0, HISTORY_LIMIT_EVENTS);
    this.#droppedRevision = dropped.at(-1)?.revision ?? this.#droppedRevision;
  }

  /** Changes after `revision`; undefined when some of them were dropped. */
  since(revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.#droppedRevision) return undefined;
    return this.#events.filter((event) => event.revision > revision);
  }
}
