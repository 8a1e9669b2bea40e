import type { Clock } from '../../clock.ts';

/** Calls `onIdle` when nothing has been touched for `limitMs`; disposing of it calls that off. */
export class IdleWatch implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onIdle: () => void;
  #lastMs: number;
  #timer: Disposable;

  constructor(clock: Clock, limitMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
    this.#lastMs = clock.now();
    this.#timer = this.#wait(limitMs);
  }

  /** Something moves. Costs no timer: the one that runs looks how long ago that was. */
  touch(): void {
    this.#lastMs = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #wait(delayMs: number): Disposable {
    return this.#clock.after(delayMs, () => {
      const leftMs = this.#lastMs + this.#limitMs - this.#clock.now();
      if (leftMs <= 0) this.#onIdle();
      else this.#timer = this.#wait(leftMs);
    });
  }
}
