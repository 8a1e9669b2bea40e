/** A value that is replaced, never changed, and who wants to hear of that: what React follows by `useSyncExternalStore`. */
export class Observable<State> implements Disposable {
  readonly #listeners = new Set<() => void>();
  #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): State => this.#state;

  set(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  /** Nobody hears of anything any more. */
  [Symbol.dispose](): void {
    this.#listeners.clear();
  }
}
