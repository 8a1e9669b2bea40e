import type { Duplex } from 'node:stream';

import type { Clock } from '../../../clock.ts';
import { resetStream } from '../../../net/byte-stream.ts';

/** Why two streams are no longer joined: both have ended, one has broken off, or a limit of time has passed. */
export type RelayEnd = 'ended' | 'downstream-gone' | 'upstream-gone' | 'idle' | 'too-long';

export interface RelayOptions {
  readonly clock: Clock;
  /** Both sides are closed when nothing has come for this long; 0: never. */
  readonly idleTimeoutMs: number;
  /** Both sides are closed this long after they were joined; 0: never. */
  readonly durationLimitMs: number;
  readonly onReceived: (bytes: number) => void;
  readonly onSent: (bytes: number) => void;
}

/**
 * Hands bytes on both ways until it is over, each way at the pace of its reader; an end of one side is handed on as such, so that
 * the other may still speak. Settles when both streams are done for and their timers called off.
 */
export function relay(
  downstream: Duplex,
  upstream: Duplex,
  options: RelayOptions,
): Promise<RelayEnd> {
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (how: RelayEnd) => {
      if (isOver) return;
      isOver = true;
      idle[Symbol.dispose]();
      limit?.[Symbol.dispose]();
      if (how === 'downstream-gone') resetStream(upstream);
      else if (how === 'upstream-gone') resetStream(downstream);
      else for (const side of [downstream, upstream]) side.destroy();
      resolve(how);
    };
    const idle = new IdleTimer(options, () => finish('idle'));
    const limit =
      options.durationLimitMs > 0
        ? options.clock.after(options.durationLimitMs, () => finish('too-long'))
        : undefined;
    let open = 2;
    const onEnd = () => {
      open--;
      if (open === 0) finish('ended');
    };
    const touch = (count: (bytes: number) => void) => (bytes: number) => {
      idle.touch();
      count(bytes);
    };
    handOn(downstream, upstream, { count: touch(options.onReceived), onEnd });
    handOn(upstream, downstream, { count: touch(options.onSent), onEnd });
    watch(downstream, () => finish('downstream-gone'));
    watch(upstream, () => finish('upstream-gone'));
  });
}

interface Way {
  readonly count: (bytes: number) => void;
  /** All has been handed on, the end too. */
  readonly onEnd: () => void;
}

function handOn(from: Duplex, to: Duplex, { count, onEnd }: Way): void {
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
  from.once('end', () => to.end(onEnd));
}

/** Told when a stream breaks off, not when both of its ways have ended in order. */
function watch(side: Duplex, onGone: () => void): void {
  const onClose = () => {
    if (!side.readableEnded || !side.writableFinished) onGone();
  };
  side.on('error', onGone);
  side.once('close', onClose);
  if (side.destroyed) onClose();
}

/** One timer for all of a connection's life, set again only when it has run out. */
class IdleTimer implements Disposable {
  readonly #options: RelayOptions;
  readonly #onIdle: () => void;
  #lastMs: number;
  #timer: Disposable | undefined;

  constructor(options: RelayOptions, onIdle: () => void) {
    this.#options = options;
    this.#onIdle = onIdle;
    this.#lastMs = options.clock.now();
    if (options.idleTimeoutMs > 0) this.#wait(options.idleTimeoutMs);
  }

  touch(): void {
    this.#lastMs = this.#options.clock.now();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #wait(delayMs: number): void {
    const { clock, idleTimeoutMs } = this.#options;
    this.#timer = clock.after(delayMs, () => {
      const leftMs = this.#lastMs + idleTimeoutMs - clock.now();
      if (leftMs > 0) this.#wait(leftMs);
      else this.#onIdle();
    });
  }
}
