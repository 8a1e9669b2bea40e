import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

import { wire } from '#protocol';
import type {
  Answer,
  AttachView,
  CheckView,
  ClientEvents,
  JoinedView,
  Locale,
  ProblemView,
  ServerEvents,
  TerminalPass,
  TerminalView,
  TimeView,
} from '#protocol';

import { Observable } from '../frame/observable.ts';
import type { TerminalLink, TerminalViewer } from '../terminal/link.ts';
import { onPageReturn } from './page-return.ts';
import { START, stepSession } from './session-state.ts';
import type { SessionEvent, SessionState } from './session-state.ts';

/** How long the server may take to answer before a call counts as refused. */
const ANSWER_LIMIT_MS = 15_000;
const HUNG_UP_PAUSE_MS = 1_000;
/** A server that is asked after a pause and says nothing for this long is not there. */
const DEAD_MS = 3_000;

export interface LabConnectionOptions {
  readonly session: string;
  readonly locale: Locale;
  /** A terminal was opened by the server or in another tab of the browser. */
  readonly onTerminalOpened: (terminal: TerminalView) => void;
}

/** The one socket of a lab: joins the session on every connect, and carries checks and terminals. */
export class LabConnection implements TerminalLink, Disposable {
  readonly #socket: Socket<ServerEvents, ClientEvents>;
  readonly #viewers = new Map<string, TerminalViewer>();
  /** What opens each terminal; nothing else on the page knows. */
  readonly #tokens = new Map<string, string>();
  readonly #returns: Disposable;
  readonly #store = new Observable<SessionState>(START);
  #locale: Locale;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ session, locale, onTerminalOpened }: LabConnectionOptions) {
    this.#locale = locale;
    this.#socket = io({
      transports: ['websocket'],
      parser: wire,
      reconnectionDelay: 250,
      reconnectionDelayMax: 5_000,
      randomizationFactor: 0.5,
      timeout: 10_000,
    });
    this.#socket.on('connect', () => {
      if (!this.#isAsleep) void this.#join(session);
    });
    // Refused, not unreachable: trying again by itself would not help.
    this.#socket.on('connect_error', () => {
      if (!this.#socket.active) {
        this.#step({ type: 'refused', problem: { code: 'no-learner', message: '' } });
      }
    });
    this.#socket.on('disconnect', () => this.#lose());
    this.#socket.on('session:cluster', (cluster) => this.#step({ type: 'cluster', cluster }));
    this.#socket.on('session:progress', (progress) => this.#step({ type: 'progress', progress }));
    this.#socket.on('session:time', (time) => this.#step({ type: 'time', time }));
    this.#socket.on('session:home', (home) => this.#step({ type: 'home', home }));
    this.#socket.on('session:ended', (why) => this.#step({ type: 'ended', why }));
    this.#socket.on('terminal:opened', (terminal) => {
      this.#keep(terminal);
      onTerminalOpened(terminal);
    });
    this.#socket.on('terminal:role', (terminal, role) => this.#viewers.get(terminal)?.role(role));
    this.#socket.on('terminal:notice', (terminal, notice) =>
      this.#viewers.get(terminal)?.notice(notice),
    );
    this.#socket.on('terminal:data', (terminal, offset, data) =>
      this.#viewers.get(terminal)?.output(offset, data),
    );
    this.#socket.on('terminal:exit', (terminal, exit) => this.#viewers.get(terminal)?.ended(exit));
    this.#returns = onPageReturn(() => this.#hurry());
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  get isOnline(): boolean {
    return this.state().link === 'online' && this.#socket.connected;
  }

  /** A session that sleeps, or is gone, is not woken by a network that comes back; only by who wants to go on. */
  get #isAsleep(): boolean {
    const { ended } = this.state();
    return ended !== undefined && ended !== 'server';
  }

  setLocale(locale: Locale): void {
    if (locale === this.#locale) return;
    this.#locale = locale;
    if (this.isOnline) this.#socket.emit('session:locale', locale);
  }

  /** Runs the checks of a step now. The results reach the state before the answer is given. */
  async check(step: number): Promise<Answer<readonly CheckView[]>> {
    const answer = await answered<readonly CheckView[]>((done) =>
      this.#calls().emit('step:check', step, done),
    );
    if (answer.ok) this.#step({ type: 'checked', step, checks: answer.value });
    return answer;
  }

  /** Puts off the end of the session's time. The new time reaches the state before the answer is given. */
  async extend(): Promise<Answer<TimeView>> {
    const answer = await answered<TimeView>((done) => this.#calls().emit('session:extend', done));
    if (answer.ok) this.#step({ type: 'time', time: answer.value });
    return answer;
  }

  /** The way to the server and back, in milliseconds; none when nobody answers. */
  async ping(): Promise<number | undefined> {
    const startMs = performance.now();
    return new Promise((resolve) => {
      this.#calls().emit('session:ping', (error: Error | null) =>
        resolve(error ? undefined : performance.now() - startMs),
      );
    });
  }

  /** Joins anew: a session that sleeps wakes. */
  rejoin(): void {
    this.#step({ type: 'continued' });
    this.#socket.disconnect().connect();
  }

  /** Somebody is there, though nothing else tells the server so. */
  active(): void {
    if (this.isOnline) this.#socket.emit('session:active');
  }

  /** The page closes for good. */
  leave(): void {
    if (this.#socket.connected) this.#socket.emit('session:leave');
  }

  async open(
    size: Parameters<TerminalLink['open']>[0],
  ): Promise<Answer<{ readonly terminal: string }>> {
    const answer = await answered<{ readonly terminal: string; readonly token: string }>((done) =>
      this.#calls().emit('terminal:open', size, done),
    );
    if (!answer.ok) return answer;
    const { terminal, token } = answer.value;
    this.#tokens.set(terminal, token);
    return { ok: true, value: { terminal } };
  }

  async attach(request: Parameters<TerminalLink['attach']>[0]): Promise<Answer<AttachView>> {
    const token = this.#tokens.get(request.terminal) ?? '';
    return answered<AttachView>((done) =>
      this.#calls().emit('terminal:attach', { ...request, token }, done),
    );
  }

  input(terminal: string, data: string, onRoom?: () => void): void {
    if (onRoom) this.#socket.emit('terminal:input', terminal, data, onRoom);
    else this.#socket.emit('terminal:input', terminal, data);
  }

  resize(terminal: string, size: Parameters<TerminalLink['resize']>[1]): void {
    this.#socket.emit('terminal:resize', terminal, size);
  }

  take(terminal: string, size: Parameters<TerminalLink['take']>[1]): void {
    this.#socket.emit('terminal:take', terminal, size);
  }

  acknowledge(terminal: string, offset: number): void {
    this.#socket.emit('terminal:ack', terminal, offset);
  }

  close(terminal: string): void {
    this.#socket.emit('terminal:close', terminal);
  }

  view(terminal: string, viewer: TerminalViewer): () => void {
    this.#viewers.set(terminal, viewer);
    return () => {
      if (this.#viewers.get(terminal) === viewer) this.#viewers.delete(terminal);
    };
  }

  [Symbol.dispose](): void {
    this.#returns[Symbol.dispose]();
    this.#store[Symbol.dispose]();
    this.#viewers.clear();
    this.#socket.disconnect();
    // Hanging up ourselves is told like any other loss.
    clearTimeout(this.#retryTimer);
  }

  async #join(session: string): Promise<void> {
    const request = { session, locale: this.#locale };
    const answer = await answered<JoinedView>((done) =>
      this.#calls().emit('session:join', request, done),
    );
    if (!this.#socket.connected) return;
    if (!answer.ok) {
      // A server that says nothing may have joined us all the same, and takes one request from a connection: ask by another.
      if (answer.problem.code === 'offline') return this.rejoin();
      return this.#refused(session, answer.problem);
    }
    for (const terminal of answer.value.terminals) this.#keep(terminal);
    this.#step({ type: 'joined', session: answer.value });
    // Chosen while the answer was under way.
    if (this.#locale !== request.locale) this.#socket.emit('session:locale', this.#locale);
    for (const viewer of this.#viewers.values()) viewer.connected();
  }

  /** On a full server asking again keeps the place in line; of other refusals the learner reads. */
  #refused(session: string, problem: ProblemView): void {
    this.#step({ type: 'refused', problem });
    const { retryAfterSeconds } = problem;
    if (retryAfterSeconds === undefined) return;
    this.#retryTimer = setTimeout(() => void this.#join(session), retryAfterSeconds * 1_000);
  }

  #keep({ id, token }: TerminalPass): void {
    this.#tokens.set(id, token);
  }

  /** Whoever comes back does not wait for the next try, nor until a connection that looks alive is found dead. */
  #hurry(): void {
    if (this.#isAsleep) return;
    if (!this.#socket.connected) {
      this.rejoin();
      return;
    }
    this.#socket.timeout(DEAD_MS).emit('session:ping', (error: Error | null) => {
      if (error && this.#socket.connected) this.rejoin();
    });
  }

  #lose(): void {
    this.#step({ type: 'lost' });
    clearTimeout(this.#retryTimer);
    // socket.io comes back by itself unless it was the server that hung up, as it does on a page that stopped reading.
    if (!this.#socket.active) {
      this.#retryTimer = setTimeout(() => this.#socket.connect(), HUNG_UP_PAUSE_MS);
    }
    for (const viewer of this.#viewers.values()) viewer.disconnected();
  }

  #calls() {
    return this.#socket.timeout(ANSWER_LIMIT_MS);
  }

  #step(event: SessionEvent): void {
    this.#store.set(stepSession(this.state(), event));
  }
}

/** A call that nobody answered in time is an answer too. */
function answered<T>(
  call: (done: (error: Error | null, answer: Answer<T>) => void) => void,
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    call((error, answer) => {
      resolve(error ? { ok: false, problem: { code: 'offline', message: '' } } : answer);
    });
  });
}
