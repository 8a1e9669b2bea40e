/** Runs asked for by hand, one after the other; however many ask for the same while it waits, it runs once for all. */
export class CheckTurns<T> {
  readonly #waiting = new Map<number, Promise<T>>();
  #last: Promise<unknown> = Promise.resolve();

  /** The outcome of a run of `step` that begins after this call. */
  take(step: number, run: () => Promise<T>): Promise<T> {
    const known = this.#waiting.get(step);
    if (known) return known;
    const turn = this.#last.then(() => {
      this.#waiting.delete(step);
      return run();
    });
    this.#waiting.set(step, turn);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
