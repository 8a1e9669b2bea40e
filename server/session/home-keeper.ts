import type { HomeState } from '#protocol';

import { type Archiver, packHome, unpackHome } from './home-archive.ts';

/** Whose home is kept, and where. */
export interface HomeKeeperOptions {
  readonly sandbox: Archiver;
  readonly store: (archive: Uint8Array) => Promise<void>;
  /** When the home was as every home begins, in milliseconds since the epoch: later changes are the learner's. */
  readonly filledMs: number;
  readonly onProblem: (problem: string) => void;
}

/** Carries a learner's home over the end of its sandbox. */
export class HomeKeeper {
  readonly #options: HomeKeeperOptions;
  #fingerprint = '';
  #state: HomeState = 'kept';
  #saving: Promise<void> = Promise.resolve();
  #onState: (state: HomeState) => void = () => undefined;

  constructor(options: HomeKeeperOptions) {
    this.#options = options;
  }

  get state(): HomeState {
    return this.#state;
  }

  /** Told of each change. */
  onState(listener: (state: HomeState) => void): void {
    this.#onState = listener;
  }

  /** Before the first prompt. The session opens with whatever could be brought back. */
  async restore(archive: Uint8Array): Promise<void> {
    const { sandbox, onProblem } = this.#options;
    const outcome = await unpackHome(sandbox, archive, onProblem);
    if (outcome === 'incomplete') this.#become('incomplete');
    if (outcome === 'stopped') this.#become('not-restored');
  }

  /** Stores the home when it has changed; one that was not brought back stays in the store as it is. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveNow());
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    if (this.#state === 'not-restored') return;
    const { sandbox, filledMs, store, onProblem } = this.#options;
    try {
      const packed = await packHome(sandbox, { fingerprint: this.#fingerprint, filledMs });
      if (packed.type === 'unchanged') return;
      if (packed.type === 'packed') await store(packed.archive);
      this.#fingerprint = packed.fingerprint;
      if (packed.type === 'too-large') this.#become('too-large');
      else if (this.#state === 'too-large') this.#become('kept');
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error));
    }
  }

  #become(state: HomeState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state);
  }
}
