import { sleep } from '../../clock.ts';
import type { ContainerContext } from '../program.ts';
import type { RatingsVersion } from './ratings.ts';

/** How long a call of `v-delayed` takes, when it does. */
const DELAY_MS = 7_000;
/** How long the others are well, and then are not. */
const SPELL_MS: Partial<Readonly<Record<RatingsVersion, number>>> = {
  'v-unavailable': 60_000,
  'v-unhealthy': 900_000,
};

/** When a version of ratings is well. Told by the time since its start: it needs no timer of its own. */
export class Moods {
  readonly #context: ContainerContext;
  readonly #version: RatingsVersion;
  readonly #startMs: number;

  constructor(context: ContainerContext, version: RatingsVersion) {
    this.#context = context;
    this.#version = version;
    this.#startMs = context.clock.now();
  }

  get isHealthy(): boolean {
    return this.#version !== 'v-unhealthy' || !this.#isInBadSpell;
  }

  /** Waits as long as this version does. @returns whether it answers with stars */
  async wait(): Promise<boolean> {
    const { clock, random } = this.#context;
    if (this.#version === 'v-faulty') return random() > 0.5;
    if (this.#version === 'v-delayed' && random() <= 0.5) await sleep(clock, DELAY_MS);
    return !this.#isInBadSpell;
  }

  get #isInBadSpell(): boolean {
    const spellMs = SPELL_MS[this.#version];
    if (spellMs === undefined) return false;
    return Math.floor((this.#context.clock.now() - this.#startMs) / spellMs) % 2 === 1;
  }
}
