import { randomBytes } from 'node:crypto';

import type { Locale, SessionEnd } from '#protocol';

import { Allowance } from '../allowance.ts';
import type { Lab } from '../labs/lab.ts';
import {
  LEFT_SESSION_MS,
  LIVE_SESSIONS_PER_LEARNER,
  SESSION_START_RATE,
  WAITING_RETRY_S,
} from '../limits.ts';
import { Problem } from '../problem.ts';
import type { StoredSession } from '../store/store.ts';
import type { SessionTimes } from './session-time.ts';
import { Session } from './session.ts';
import { startSession, type StartOptions } from './start-session.ts';
import { WaitingLine } from './waiting-line.ts';

/** What sessions are made with. */
export interface SessionManagerOptions extends StartOptions {
  /** The lab of that id, when it can be opened. */
  readonly findLab: (id: string) => Lab | undefined;
  /** Live sessions at once. */
  readonly places: number;
  readonly times: SessionTimes;
  /** A clock that only goes forward, in milliseconds. Default: that of this process. */
  readonly now?: () => number;
}

/** The live sessions, each found by who asks and its id; a stored one comes to life when it is asked for and there is a place. */
export class SessionManager implements AsyncDisposable {
  readonly #options: SessionManagerOptions;
  readonly #now: () => number;
  readonly #live = new Map<string, Session>();
  readonly #waking = new Map<string, Promise<Session>>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #starts = new Allowance(SESSION_START_RATE);
  readonly #line: WaitingLine;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#line = new WaitingLine(this.#now);
  }

  /** Sessions awake, how many may be, and learners who wait for a place. */
  get load(): { readonly live: number; readonly places: number; readonly waiting: number } {
    const { places } = this.#options;
    return { live: this.#live.size, places, waiting: this.#line.length };
  }

  /**
   * The learner's session in a lab, made when there is none.
   * @throws Problem `lab-not-found`, `server-full`, `too-many-sessions`, `too-many-requests`
   */
  async open(learner: string, labId: string, locale: Locale): Promise<Session> {
    this.#lab(labId);
    const id = randomBytes(9).toString('base64url');
    const stored = await this.#options.store.findOrAddSession({ id, learner, lab: labId });
    return this.#wake(stored, locale);
  }

  /**
   * A session of this learner. That of another learner does not exist for them.
   * @throws Problem `session-not-found`, `server-full`, `too-many-sessions`, `too-many-requests`
   */
  async find(learner: string, id: string, locale: Locale): Promise<Session> {
    return this.#wake(await this.#stored(learner, id), locale);
  }

  /** Forgets a session: the next one in this lab starts anew. @throws Problem `session-not-found` */
  async restart(learner: string, id: string): Promise<void> {
    await this.#stored(learner, id);
    // Forgotten first: who asks for it from now on finds nothing to wake.
    await this.#options.store.deleteSession(id);
    await this.#waking.get(id)?.catch(() => undefined);
    const live = this.#live.get(id);
    if (live) await this.#end(live, 'restarted');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#waking.values());
    await Promise.all([...this.#live.values()].map((session) => this.#end(session, 'server')));
    await Promise.all(this.#ending.values());
  }

  #lab(id: string): Lab {
    const lab = this.#options.findLab(id);
    if (!lab) throw new Problem(404, 'lab-not-found', `There is no lab "${id}"`);
    return lab;
  }

  async #stored(learner: string, id: string): Promise<StoredSession> {
    const stored = await this.#options.store.session(id, learner);
    if (!stored) throw new Problem(404, 'session-not-found', 'There is no such session');
    return stored;
  }

  /** However many ask for a session at once, it wakes once. */
  async #wake(stored: StoredSession, locale: Locale): Promise<Session> {
    const { id } = stored;
    const live = this.#live.get(id);
    if (live && live.cluster.state !== 'lost') return live;
    const other = this.#waking.get(id);
    if (other) return other;
    if (live) void this.#end(live, 'server');
    const waking = this.#wakeOnce(stored, locale).finally(() => this.#waking.delete(id));
    this.#waking.set(id, waking);
    return waking;
  }

  async #wakeOnce(stored: StoredSession, locale: Locale): Promise<Session> {
    const { id, learner } = stored;
    const lab = this.#lab(stored.lab);
    // The next one goes on from what the last one writes at its end.
    await this.#ending.get(id);
    const doneSteps = await this.#options.store.doneSteps(id);
    await this.#restOwn(learner);
    await this.#restUnwatched(learner);
    // Nothing may come between being let in and taking the place.
    this.#letIn(learner);
    const session: Session = new Session({
      ...stored,
      lab,
      doneSteps,
      store: this.#options.store,
      times: this.#options.times,
      now: this.#now,
      isSimulated: this.#options.provider.isSimulated,
      start: () => startSession(this.#options, { id, lab, locale }),
      onOver: (why) => void this.#end(session, why),
      onProblem: (problem) => this.#options.onProblem(id, problem),
    });
    this.#live.set(id, session);
    return session;
  }

  /** Keeps a learner within their number of live sessions. @throws Problem `too-many-sessions` */
  async #restOwn(learner: string): Promise<void> {
    while (this.#ownOf(learner).length >= LIVE_SESSIONS_PER_LEARNER) {
      const resting = this.#ownUnwatched(learner);
      if (!resting) {
        throw new Problem(
          409,
          'too-many-sessions',
          `A learner works in ${LIVE_SESSIONS_PER_LEARNER} labs at once; close one that is open in another tab`,
        );
      }
      await this.#end(resting, 'server');
    }
  }

  /** On a full server a session that was left some time ago makes room, unless the learner has one of their own to give. */
  async #restUnwatched(learner: string): Promise<void> {
    if (this.#freeCount > 0 || this.#ownUnwatched(learner)) return;
    const leftMs = this.#now() - LEFT_SESSION_MS;
    const left = [...this.#live.values()].filter(
      ({ unwatchedSinceMs }) => unwatchedSinceMs !== undefined && unwatchedSinceMs <= leftMs,
    );
    const resting = longestUnwatched(left);
    if (resting) await this.#end(resting, 'server');
  }

  #ownUnwatched(learner: string): Session | undefined {
    return longestUnwatched(this.#ownOf(learner));
  }

  #ownOf(learner: string): readonly Session[] {
    return [...this.#live.values()].filter((session) => session.learner === learner);
  }

  get #freeCount(): number {
    return this.#options.places - this.#live.size - this.#ending.size;
  }

  /** @throws Problem `server-full` with the place in the line, `too-many-requests` */
  #letIn(learner: string): void {
    const own = this.#freeCount > 0 ? undefined : this.#ownUnwatched(learner);
    if (own) {
      // Who goes on to another lab keeps the place and need not stand in line for it.
      this.#starts.spend(learner);
      this.#line.leave(learner);
      void this.#end(own, 'server');
      return;
    }
    const turn = this.#line.ask(learner, this.#freeCount);
    if (turn.type === 'go-in') {
      this.#starts.spend(learner);
      return;
    }
    throw new Problem(
      503,
      'server-full',
      'All places on this server are taken; try again in a moment',
      {
        retryAfterSeconds: WAITING_RETRY_S,
        ...(turn.type === 'wait' && { place: turn.place }),
      },
    );
  }

  /** Takes a session out of everything; settles when it has ended, with success or not. */
  #end(session: Session, why: SessionEnd): Promise<void> {
    const { id } = session;
    if (this.#live.get(id) === session) this.#live.delete(id);
    const ended = session
      .end(why)
      .catch((error: unknown) => {
        this.#options.onProblem(id, error instanceof Error ? error.message : String(error));
      })
      .finally(() => {
        if (this.#ending.get(id) === ended) this.#ending.delete(id);
      });
    this.#ending.set(id, ended);
    return ended;
  }
}

/** The session that nobody has looked at for longest; none when each is being looked at. */
function longestUnwatched(sessions: readonly Session[]): Session | undefined {
  return sessions
    .filter((session) => session.unwatchedSinceMs !== undefined)
    .toSorted((one, other) => (one.unwatchedSinceMs ?? 0) - (other.unwatchedSinceMs ?? 0))[0];
}
