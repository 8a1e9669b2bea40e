import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';

import type { ClusterView, HomeState, SessionEnd, TerminalPass, TimeView } from '#protocol';

import { type CheckResult, ClusterChecks, findVerifier } from '../../verifiers/index.ts';
import type { Lab } from '../labs/lab.ts';
import {
  FIRST_CHECK_MS,
  SNAPSHOT_INTERVAL_MS,
  SOCKETS_PER_LEARNER,
  TERMINALS_PER_SESSION,
} from '../limits.ts';
import { Problem } from '../problem.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Store } from '../store/store.ts';
import { newSecrets } from '../terminal/secrets.ts';
import { Terminal } from '../terminal/terminal.ts';
import { connectAddresses, connectDns } from './addresses.ts';
import { CheckLoop } from './check-loop.ts';
import { CheckTurns } from './check-turns.ts';
import {
  isFinishedBy,
  type Progress,
  startProgress,
  unlockedStep,
  withChecks,
  withDone,
} from './progress.ts';
import { SessionTime, type SessionTimes } from './session-time.ts';
import type { StartedSession } from './start-session.ts';

/** What a session is made from; the cluster and the sandbox are its own from then on. */
export interface SessionParts {
  readonly id: string;
  readonly learner: string;
  readonly lab: Lab;
  readonly doneSteps: readonly number[];
  readonly store: Store;
  readonly times: SessionTimes;
  /** A clock that only goes forward, in milliseconds. */
  readonly now: () => number;
  readonly isSimulated: boolean;
  readonly start: () => Promise<StartedSession>;
  /** Its time is over; whoever made the session ends it. */
  readonly onOver: (why: SessionEnd) => void;
  readonly onProblem: (problem: string) => void;
}

/** Terminals have names that no other has had, in an earlier waking neither: a page that comes back would take one for its own. */
const ID_BYTES = 6;

interface SessionEvents {
  progress: [];
  cluster: [];
  terminal: [TerminalPass];
  /** An end comes near, or has been put off. */
  time: [TimeView];
  home: [HomeState];
  /** Nothing of it may be used any more. */
  ended: [SessionEnd];
}

/** One learner in one lab: a cluster, a sandbox, terminals, progress. It goes on while nobody looks. */
export class Session extends EventEmitter<SessionEvents> implements AsyncDisposable {
  readonly id: string;
  readonly learner: string;
  readonly lab: Lab;
  readonly #store: Store;
  readonly #isSimulated: boolean;
  readonly #onProblem: (problem: string) => void;
  readonly #terminals = new Map<
    string,
    { readonly terminal: Terminal; readonly pass: TerminalPass }
  >();
  readonly #disposables = new DisposableStack();
  readonly #ready: Promise<StartedSession>;
  readonly #time: SessionTime;
  readonly #loop: CheckLoop;
  readonly #turns = new CheckTurns<readonly CheckResult[]>();
  #checks: ClusterChecks | undefined;
  #watch: Disposable | undefined;
  #watchedStep = -1;
  #progress: Progress;
  /** Settles when the cluster's first addresses answer in the sandbox: a prompt before that would be of no use. */
  readonly #answering = Promise.withResolvers<void>();
  #state: ClusterView['state'] = 'starting';
  #home: HomeState = 'kept';
  #nextTerminal = 1;
  #openingCount = 0;
  #isUsed = false;
  /** A session in which nobody opened a terminal or wrote a file has nothing in its home to keep. */
  #isHomeUsed = false;
  #isEnded = false;

  constructor(parts: SessionParts) {
    super();
    // Each page listens once to each event, each tab of the lab once to the end.
    this.setMaxListeners(2 * SOCKETS_PER_LEARNER);
    this.id = parts.id;
    this.learner = parts.learner;
    this.lab = parts.lab;
    this.#store = parts.store;
    this.#isSimulated = parts.isSimulated;
    this.#onProblem = parts.onProblem;
    this.#progress = startProgress(parts.lab, parts.doneSteps);
    this.#time = this.#disposables.use(
      new SessionTime({
        ...parts.times,
        now: parts.now,
        onNews: () => this.emit('time', this.#time.view),
        onOver: parts.onOver,
      }),
    );
    this.#loop = this.#disposables.use(new CheckLoop(() => this.#checkLive()));
    this.#ready = parts.start();
    this.#ready
      .then((started) => this.#begin(started))
      .catch((error: unknown) => this.#lose(error));
  }

  get progress(): Progress {
    return this.#progress;
  }

  get cluster(): ClusterView {
    return { isSimulated: this.#isSimulated, state: this.#state };
  }

  /** Whether the learner's files outlive the sandbox. */
  get home(): HomeState {
    return this.#home;
  }

  /** Its terminals with what opens them: for pages that have joined, never for an HTTP answer. */
  get terminals(): readonly TerminalPass[] {
    return [...this.#terminals.values()].map(({ pass }) => pass);
  }

  /** When the last page went, by the clock it was given; none while a page looks on. */
  get unwatchedSinceMs(): number | undefined {
    return this.#time.unwatchedSinceMs;
  }

  time(): TimeView {
    return this.#time.view;
  }

  /** Somebody wants to go on, however near the end is. @throws Problem `no-more-extensions` */
  extend(): TimeView {
    return this.#time.extend();
  }

  /** Somebody types or clicks. */
  touch(): void {
    this.#isUsed = true;
    this.#isHomeUsed = true;
    this.#time.touch();
  }

  /** Counts a page that looks on, until it is disposed of. */
  watch(): Disposable {
    return this.#time.watch();
  }

  /** The last page says that it will not come back. */
  leave(): void {
    this.#time.leave();
  }

  /** Settles when cluster and sandbox are there; rejects with the reason when they could not be had. */
  async whenReady(): Promise<StartedSession> {
    return this.#ready;
  }

  async #whenAnswering(): Promise<{ readonly sandbox: Sandbox }> {
    const parts = await this.#ready;
    await this.#answering.promise;
    return parts;
  }

  /** Starts a shell. @throws Problem `too-many-terminals`, `session-not-found` when it has ended meanwhile */
  async openTerminal(size: {
    readonly columns: number;
    readonly rows: number;
  }): Promise<TerminalPass> {
    if (this.#terminals.size + this.#openingCount >= TERMINALS_PER_SESSION) {
      throw new Problem(
        409,
        'too-many-terminals',
        `A lab has at most ${TERMINALS_PER_SESSION} terminals`,
      );
    }
    const title = String(this.#nextTerminal++);
    this.#isHomeUsed = true;
    this.#openingCount++;
    const { sandbox } = await this.#whenAnswering().finally(() => this.#openingCount--);
    if (this.#isEnded) throw new Problem(404, 'session-not-found', 'This session has ended');
    const secrets = newSecrets();
    const program = sandbox.open(size, { nonce: secrets.nonce });
    const terminal = new Terminal(program, size, secrets);
    const id = randomBytes(ID_BYTES).toString('base64url');
    const pass = { id, title, token: terminal.token };
    this.#terminals.set(id, { terminal, pass });
    this.emit('terminal', pass);
    return pass;
  }

  terminal(id: string): Terminal | undefined {
    this.#isUsed = true;
    return this.#terminals.get(id)?.terminal;
  }

  async closeTerminal(id: string): Promise<void> {
    const closed = this.#terminals.get(id);
    this.#terminals.delete(id);
    await closed?.terminal[Symbol.asyncDispose]();
  }

  /** Runs a step's checks now, after those under way; who asks meanwhile shares one run. A step of a lab without a verifier is done by asking. */
  async check(step: number): Promise<readonly CheckResult[]> {
    await this.#ready;
    return this.#turns.take(step, () => this.#runChecks(step));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('server');
  }

  /** Ends it, and tells its pages why. Cluster and home are kept, unless the store has forgotten the session: `restarted`. */
  async end(why: SessionEnd): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (why === 'restarted') this.#isUsed = false;
    this.emit('ended', why);
    this.removeAllListeners();
    await this.#saveSnapshot();
    this.#watch?.[Symbol.dispose]();
    this.#checks?.[Symbol.dispose]();
    this.#disposables.dispose();
    await Promise.all([...this.#terminals.values()].map(({ terminal }) => terminal.end(why)));
    const parts = await this.#ready.catch(() => undefined);
    // After the shells, which write their history at their end, and without the learner's programs in the way.
    if (why !== 'restarted' && this.#isHomeUsed) await parts?.home.save();
    await parts?.sandbox[Symbol.asyncDispose]();
    await parts?.cluster[Symbol.asyncDispose]();
  }

  #begin({ cluster, sandbox, home }: StartedSession): void {
    if (this.#isEnded) return;
    this.#home = home.state;
    home.onState((state) => {
      this.#home = state;
      this.emit('home', state);
    });
    const { resolve } = this.#answering;
    const names = this.lab.usesDns
      ? connectDns(cluster, sandbox, this.#onProblem).catch((error: unknown) => {
          this.#onProblem(error instanceof Error ? error.message : String(error));
        })
      : Promise.resolve();
    const first = () => void names.then(resolve);
    this.#disposables.use(connectAddresses(cluster, sandbox, this.#onProblem, first));
    this.#disposables.defer(resolve);
    cluster.onLost((error) => this.#lose(error));
    this.#checks = new ClusterChecks(cluster.serverKubeconfig);
    this.#state = 'ready';
    this.emit('cluster');
    const look = setTimeout(() => this.#watchStep(), FIRST_CHECK_MS);
    look.unref();
    this.#disposables.defer(() => clearTimeout(look));
    const timer = setInterval(() => {
      if (this.#isUsed && this.#isHomeUsed) void home.save();
      void this.#saveSnapshot();
    }, SNAPSHOT_INTERVAL_MS);
    timer.unref();
    this.#disposables.defer(() => clearInterval(timer));
  }

  #lose(error: unknown): void {
    if (this.#isEnded) return;
    this.#onProblem(error instanceof Error ? error.message : String(error));
    this.#state = 'lost';
    this.emit('cluster');
  }

  /** Looks live at the first step that is not done. */
  #watchStep(): void {
    const step = unlockedStep(this.#progress);
    const verifier = findVerifier(this.lab.steps[step]?.verifier);
    if (step === this.#watchedStep || !this.#checks) return;
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#watchedStep = step;
    if (!verifier) return;
    this.#watch = this.#checks.watch(verifier, () => {
      this.#isUsed = true;
      this.#loop.request();
    });
    this.#loop.request();
  }

  async #checkLive(): Promise<void> {
    const step = unlockedStep(this.#progress);
    if (this.#isEnded || step >= this.lab.steps.length) return;
    await this.#runChecks(step).catch((error: unknown) => {
      this.#onProblem(error instanceof Error ? error.message : String(error));
    });
  }

  async #runChecks(step: number): Promise<readonly CheckResult[]> {
    const definition = this.lab.steps[step];
    if (!definition || step > unlockedStep(this.#progress)) {
      throw new Problem(409, 'step-locked', 'This step opens when the one before it is done');
    }
    const verifier = findVerifier(definition.verifier);
    if (!verifier) {
      await this.#finish(step);
      return [];
    }
    const results = (await this.#checks?.run(verifier)) ?? [];
    if (this.#isEnded) return results;
    const isNew = JSON.stringify(results) !== JSON.stringify(this.#progress.checks[step]);
    this.#progress = withChecks(this.#progress, step, results);
    if (isFinishedBy(results) && !this.#progress.done[step]) await this.#finish(step);
    else if (isNew) this.emit('progress');
    return results;
  }

  /** Durable first, shown after. */
  async #finish(step: number): Promise<void> {
    await this.#store.markDone(this.id, step);
    this.#progress = withDone(this.#progress, step);
    this.emit('progress');
    this.#watchStep();
  }

  /** The cluster as it is, for a server that starts again; nothing is written when nobody did anything. */
  async #saveSnapshot(): Promise<void> {
    if (!this.#isUsed || this.#state !== 'ready') return;
    this.#isUsed = false;
    try {
      const { cluster } = await this.#ready;
      const data = await cluster.snapshot();
      if (data) await this.#store.saveSnapshot(this.id, data);
    } catch (error) {
      this.#onProblem(error instanceof Error ? error.message : String(error));
    }
  }
}
