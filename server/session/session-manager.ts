import { randomBytes } from 'node:crypto';

import type { Provider, StartingState } from '../../provision/index.ts';
import { Allowance } from '../allowance.ts';
import type { Lab } from '../labs/lab.ts';
import { LIVE_SESSIONS, SESSION_START_RATE, UNWATCHED_SESSION_MS } from '../limits.ts';
import { Problem } from '../problem.ts';
import type { SandboxFactory } from '../sandbox/sandbox.ts';
import type { StoredSession, Store } from '../store/store.ts';
import { Session } from './session.ts';

/** What sessions are made with. */
export interface SessionManagerOptions {
  readonly store: Store;
  readonly provider: Provider;
  readonly sandboxes: SandboxFactory;
  /** The lab of that id, when it can be opened. */
  readonly findLab: (id: string) => Lab | undefined;
  readonly onProblem: (session: string, problem: string) => void;
}

/** The live sessions, each found by who asks and its id; a stored one comes to life when it is asked for. */
export class SessionManager implements AsyncDisposable {
  readonly #options: SessionManagerOptions;
  readonly #live = new Map<string, Session>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #viewers = new Map<Session, number>();
  readonly #sleepTimers = new Map<Session, NodeJS.Timeout>();
  readonly #starts = new Allowance(SESSION_START_RATE);

  constructor(options: SessionManagerOptions) {
    this.#options = options;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  /**
   * The learner's session in a lab, made when there is none.
   * @throws Problem `lab-not-found`, `server-full`, `too-many-requests`
   */
  async open(learner: string, labId: string): Promise<Session> {
    if (!this.#options.findLab(labId))
      throw new Problem(404, 'lab-not-found', `There is no lab "${labId}"`);
    const id = randomBytes(9).toString('base64url');
    return this.#wake(await this.#options.store.findOrAddSession({ id, learner, lab: labId }));
  }

  /**
   * A session of this learner. That of another learner does not exist for them.
   * @throws Problem `session-not-found`, `server-full`, `too-many-requests`
   */
  async find(learner: string, id: string): Promise<Session> {
    return this.#wake(await this.#stored(learner, id));
  }

  /** Forgets a session: the next one in this lab starts anew. @throws Problem `session-not-found` */
  async restart(learner: string, id: string): Promise<void> {
    await this.#stored(learner, id);
    // Forgotten first: who asks for it from now on finds nothing to wake.
    await this.#options.store.deleteSession(id);
    const live = this.#live.get(id);
    if (live) await this.#end(live, () => live.discard());
  }

  /** Counts a viewer; while there is one, the session stays awake. */
  attach(session: Session): Disposable {
    this.#viewers.set(session, (this.#viewers.get(session) ?? 0) + 1);
    clearTimeout(this.#sleepTimers.get(session));
    return {
      [Symbol.dispose]: () => {
        const count = this.#viewers.get(session);
        if (count === undefined) return;
        this.#viewers.set(session, count - 1);
        if (count === 1) this.#sleepLater(session);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#live.values()].map((session) => this.#end(session)));
    await Promise.all(this.#ending.values());
  }

  async #stored(learner: string, id: string): Promise<StoredSession> {
    const stored = await this.#options.store.session(id, learner);
    if (!stored) throw new Problem(404, 'session-not-found', 'There is no such session');
    return stored;
  }

  async #wake(stored: StoredSession): Promise<Session> {
    const live = this.#live.get(stored.id);
    if (live && live.cluster.state !== 'lost') return live;
    if (live) void this.#end(live);
    // The next one goes on from what the last one writes at its end.
    await this.#ending.get(stored.id);
    const doneSteps = await this.#options.store.doneSteps(stored.id);
    // Two requests may have come here at once: the first one's session is the one.
    const other = this.#live.get(stored.id);
    if (other) return other;
    if (this.#live.size + this.#ending.size >= LIVE_SESSIONS) {
      throw new Problem(
        503,
        'server-full',
        'All places on this server are taken; try again in a few minutes',
      );
    }
    this.#starts.spend(stored.learner);
    const session = this.#begin(stored, doneSteps);
    this.#live.set(stored.id, session);
    // Whoever asked may never come to look.
    this.#sleepLater(session);
    return session;
  }

  #begin(stored: StoredSession, doneSteps: readonly number[]): Session {
    const { store, sandboxes, findLab, onProblem } = this.#options;
    const lab = findLab(stored.lab);
    if (!lab) throw new Problem(404, 'lab-not-found', `There is no lab "${stored.lab}"`);
    return new Session({
      ...stored,
      lab,
      doneSteps,
      store,
      onProblem: (problem) => onProblem(stored.id, problem),
      start: async () => {
        const cluster = await this.#cluster(stored.id, lab);
        try {
          const kubeconfig = cluster.learnerKubeconfig;
          const sandbox = await sandboxes.create({ kubeconfig, locale: 'en' });
          return { cluster, sandbox };
        } catch (error) {
          await cluster[Symbol.asyncDispose]();
          throw error;
        }
      },
    });
  }

  async #cluster(id: string, lab: Lab) {
    const { provider, store, onProblem } = this.#options;
    const startingState = startingStateOf(lab);
    const snapshot = await store.snapshot(id);
    if (!snapshot) return provider.create({ startingState });
    try {
      return await provider.create({ startingState, snapshot });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onProblem(id, `Cannot go on from the stored cluster, so a fresh one is used: ${why}`);
      return provider.create({ startingState });
    }
  }

  #sleepLater(session: Session): void {
    const timer = setTimeout(() => void this.#end(session), UNWATCHED_SESSION_MS);
    timer.unref();
    this.#sleepTimers.set(session, timer);
  }

  /** Takes a session out of everything; settles when it has ended, with success or not. */
  #end(
    session: Session,
    end: () => Promise<void> = () => session[Symbol.asyncDispose](),
  ): Promise<void> {
    const { id } = session;
    clearTimeout(this.#sleepTimers.get(session));
    this.#sleepTimers.delete(session);
    this.#viewers.delete(session);
    if (this.#live.get(id) === session) this.#live.delete(id);
    const ended = end()
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

/** What the lab's `needs` mean for its cluster. */
export function startingStateOf(lab: Lab): StartingState {
  const hasBookinfo = lab.needs.includes('bookinfo');
  return { istio: hasBookinfo || lab.needs.includes('istio') ? 'demo' : 'none', hasBookinfo };
}
