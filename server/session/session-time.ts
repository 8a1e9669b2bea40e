import type { SessionEnd, TimeView } from '#protocol';

import {
  EXTENSION_MS,
  EXTENSIONS,
  LEFT_SESSION_MS,
  UNWATCHED_SESSION_MS,
  WARNINGS_MS,
} from '../limits.ts';
import { Problem } from '../problem.ts';

/** Idle time is told anew when it has grown by this much; keys that follow each other need not be news. */
const NEWS_MS = 1_000;

/** How long sessions last, as whoever runs the server wants it. */
export interface SessionTimes {
  /** Without a key or a click, while a page looks on. */
  readonly idleMs: number;
  /** In all, extensions aside. */
  readonly totalMs: number;
}

export interface SessionTimeOptions extends SessionTimes {
  /** A clock that only goes forward, in milliseconds. */
  readonly now: () => number;
  /** What `view` says is worth telling: an end comes near, or has been put off. */
  readonly onNews: () => void;
  /** Called once. */
  readonly onOver: (why: SessionEnd) => void;
}

/** The time of one session: who looks on, when somebody last did something, and when it ends. */
export class SessionTime implements Disposable {
  readonly #options: SessionTimeOptions;
  #viewerCount = 0;
  /** When the last page went; none while there is one. */
  #unwatchedSinceMs: number | undefined;
  #graceMs = UNWATCHED_SESSION_MS;
  #activeMs: number;
  #endMs: number;
  #extensionsLeft = EXTENSIONS;
  #lookedMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: SessionTimeOptions) {
    this.#options = options;
    const now = options.now();
    this.#activeMs = now;
    this.#lookedMs = now;
    this.#endMs = now + options.totalMs;
    // Whoever asked for the session may never come to look.
    this.#unwatchedSinceMs = now;
    this.#schedule();
  }

  /** When the last page went, by the session's clock; none while there is one. */
  get unwatchedSinceMs(): number | undefined {
    return this.#unwatchedSinceMs;
  }

  get view(): TimeView {
    const now = this.#options.now();
    return {
      idleSeconds: secondsUntil(this.#activeMs + this.#options.idleMs, now),
      totalSeconds: secondsUntil(this.#endMs, now),
      extensionsLeft: this.#extensionsLeft,
    };
  }

  /** Counts a page that looks on, until it is disposed of. */
  watch(): Disposable {
    this.#viewerCount++;
    this.#unwatchedSinceMs = undefined;
    this.#graceMs = UNWATCHED_SESSION_MS;
    this.#activeMs = this.#options.now();
    this.#schedule();
    let isWatching = true;
    return {
      [Symbol.dispose]: () => {
        if (!isWatching) return;
        isWatching = false;
        this.#viewerCount--;
        if (this.#viewerCount > 0) return;
        this.#unwatchedSinceMs = this.#options.now();
        this.#schedule();
      },
    };
  }

  /** A page says that it will not come back; while others look on, that changes nothing. */
  leave(): void {
    if (this.#viewerCount > 1) return;
    this.#graceMs = LEFT_SESSION_MS;
    this.#schedule();
  }

  /** Somebody types or clicks. Called for every key. */
  touch(): void {
    const now = this.#options.now();
    const isNews =
      now - this.#activeMs >= NEWS_MS &&
      this.#activeMs + this.#options.idleMs - now <= WARNINGS_MS[0];
    this.#activeMs = now;
    if (!isNews) return;
    this.#schedule();
    this.#options.onNews();
  }

  /**
   * Somebody wants to go on: counts as activity, and puts off an end that is near.
   * @throws Problem `no-more-extensions`
   */
  extend(): TimeView {
    this.touch();
    if (this.#endMs - this.#options.now() > WARNINGS_MS[0]) return this.view;
    if (this.#extensionsLeft === 0) {
      throw new Problem(
        409,
        'no-more-extensions',
        `A session is extended ${EXTENSIONS} times at most; it can be continued after its end`,
      );
    }
    this.#extensionsLeft--;
    this.#endMs += EXTENSION_MS;
    this.#schedule();
    this.#options.onNews();
    return this.view;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** What ends the session, and when. */
  #ends(): readonly { readonly why: SessionEnd; readonly atMs: number }[] {
    const since = this.#unwatchedSinceMs;
    const idleMs =
      since === undefined ? this.#activeMs + this.#options.idleMs : since + this.#graceMs;
    return [
      { why: 'idle', atMs: idleMs },
      { why: 'time', atMs: this.#endMs },
    ];
  }

  /** The ends and the warnings before them. */
  #moments(): readonly number[] {
    return this.#ends().flatMap(({ atMs }) => [atMs, ...WARNINGS_MS.map((ms) => atMs - ms)]);
  }

  /** Sleeps until the next moment at which something may have to be said or done; keys meanwhile only make it later. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    const now = this.#options.now();
    this.#lookedMs = now;
    const isDue = this.#ends().some(({ atMs }) => atMs <= now);
    const next = isDue ? now : Math.min(...this.#moments().filter((moment) => moment > now));
    this.#timer = setTimeout(() => this.#look(), Math.ceil(next - now));
    this.#timer.unref();
  }

  #look(): void {
    const now = this.#options.now();
    const over = this.#ends().find(({ atMs }) => atMs <= now);
    if (over) {
      this[Symbol.dispose]();
      this.#options.onOver(over.why);
      return;
    }
    const isNews = this.#moments().some((moment) => moment > this.#lookedMs && moment <= now);
    this.#schedule();
    if (isNews) this.#options.onNews();
  }
}

function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1_000));
}
