import type { KubeObject } from '../../kinds/object.ts';
import { HISTORY_LIMIT_BYTES, HISTORY_LIMIT_EVENTS } from '../limits.ts';

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
  #events: StoreEvent[] = [];
  #sizeBytes = 0;
  #droppedRevision = 0;

  /** Revision of the newest change that is no longer here; 0 when nothing was dropped. */
  get droppedRevision(): number {
    return this.#droppedRevision;
  }

  /** Takes in a change; `sizeBytes` is that of the object it leaves behind. */
  add(event: StoreEvent, sizeBytes: number): void {
    this.#events.push(event);
    this.#sizeBytes += sizeBytes;
    const isFull =
      this.#events.length >= 2 * HISTORY_LIMIT_EVENTS ||
      (this.#sizeBytes > HISTORY_LIMIT_BYTES && this.#events.length > 1);
    if (!isFull) return;
    // Dropping half at a time keeps adding cheap.
    const half = Math.floor(this.#events.length / 2);
    this.#droppedRevision = this.#events[half - 1]?.revision ?? this.#droppedRevision;
    this.#events = this.#events.slice(half);
    this.#sizeBytes /= 2;
  }

  /** Changes after `revision`, oldest first; undefined when some of them were dropped. */
  since(revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.#droppedRevision) return undefined;
    return this.#events.slice(this.#after(revision));
  }

  /** The place of the first change after `revision`: revisions only grow. */
  #after(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.revision ?? Infinity) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
