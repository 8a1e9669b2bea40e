import {
  type ProblemView,
  readShellMark,
  type TerminalExitView,
  type TerminalNotice,
  type TerminalRole,
  type TerminalSize,
} from '#protocol';

import { Observable } from '../frame/observable.ts';
import { CommandQueue, type OnCommandState, type ShellCommand } from './command-queue.ts';
import { startFeed, stepFeed } from './feed.ts';
import type { Feed, FeedEffect, FeedEvent, FeedPhase } from './feed.ts';
import { controlOf } from './input.ts';
import type { TerminalLink, TerminalViewer } from './link.ts';
import type { Screen } from './screen.ts';
import { Typing } from './typing.ts';

/** A window that is dragged changes its size with every frame; the shell hears of the last. */
const RESIZE_QUIET_MS = 50;
/** Used until the page knows better. */
const FIRST_SIZE: TerminalSize = { columns: 80, rows: 24 };

export interface ShellState {
  readonly phase: FeedPhase | 'opening';
  /** Keys pressed without a connection, to be sent later. */
  readonly keptCharacters: number;
  readonly exit: TerminalExitView | undefined;
  /** Whose keys the shell takes: this page's or another's. */
  readonly role: TerminalRole;
  readonly isControlHeld: boolean;
  /** Commands of the lesson wait until a program ends. */
  readonly isHeldUp: boolean;
  /** Something worth knowing about the program, until a new shell is opened. */
  readonly notice: TerminalNotice | undefined;
  /** Why there is no shell. */
  readonly problem: ProblemView | undefined;
}

/** Ties one screen to one shell: opens or attaches, draws, acknowledges, types. */
export class Shell implements TerminalViewer, Disposable {
  readonly #link: TerminalLink;
  readonly #commands: CommandQueue;
  readonly #typing: Typing;
  /** In the shell's own marks. */
  #nonce = '';
  #screen: Screen | undefined;
  #terminal: string | undefined;
  /** The number of this page's last hold on the terminal. */
  #viewer: number | undefined;
  #stopViewing: (() => void) | undefined;
  #feed: Feed = startFeed(FIRST_SIZE);
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;
  #isOpening = false;
  #wantsFocus = false;
  #isDisposed = false;
  readonly #store = new Observable<ShellState>({
    phase: 'opening',
    keptCharacters: 0,
    exit: undefined,
    role: 'writer',
    isControlHeld: false,
    isHeldUp: false,
    notice: undefined,
    problem: undefined,
  });

  /** Without `terminal` a new shell is opened once the screen is there. */
  constructor(link: TerminalLink, terminal?: string) {
    this.#link = link;
    this.#terminal = terminal;
    this.#typing = new Typing((piece, onRoom) => {
      if (this.#terminal !== undefined) link.input(this.#terminal, piece, onRoom);
    });
    const isLive = () => this.state().phase === 'live';
    const isBracketed = () => this.#screen?.isBracketed === true;
    this.#commands = new CommandQueue({
      get isLive() {
        return isLive();
      },
      get isBracketed() {
        return isBracketed();
      },
      type: (text) => {
        this.#act({ type: 'input', data: text });
        this.#screen?.scrollToEnd();
      },
      onChange: () => this.#set({ isHeldUp: this.#commands.isHeldUp }),
    });
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /** The server's name of the shell, once it has one. */
  get terminal(): string | undefined {
    return this.#terminal;
  }

  get isOpening(): boolean {
    return this.#isOpening;
  }

  /** Begins: the screen is in the page and has a size. */
  show(screen: Screen): void {
    this.#screen = screen;
    const size = screen.fittingSize();
    if (size) this.#step({ type: 'fitted', size });
    if (this.#wantsFocus) this.focus();
    if (this.#terminal !== undefined) this.#watch(this.#terminal);
    else if (this.#link.isOnline) void this.open();
  }

  /** The space on the page changed. */
  refit(): void {
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => {
      const size = this.#screen?.fittingSize();
      if (size) this.#step({ type: 'fitted', size });
    }, RESIZE_QUIET_MS);
  }

  /** No shell yet, for no reason that the learner has been told of. */
  get isUnopened(): boolean {
    const { problem } = this.state();
    return this.#terminal === undefined && (problem === undefined || problem.code === 'offline');
  }

  /** The shell is none of those that the server has, though neither its learner nor it itself has ended it. */
  isGone(known: ReadonlySet<string>): boolean {
    if (this.#terminal === undefined || known.has(this.#terminal)) return false;
    const reason = this.state().exit?.reason;
    return reason !== 'exit' && reason !== 'closed';
  }

  /** Opens a new shell, also in place of one that has ended. */
  async open(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    this.close();
    this.#forget();
    const answer = await this.#link.open(this.#feed.size);
    this.#isOpening = false;
    if (this.#isDisposed) {
      if (answer.ok) this.#link.close(answer.value.terminal);
      return;
    }
    if (answer.ok) this.#begin(answer.value.terminal);
    else this.#set({ problem: answer.problem });
  }

  /** Shows a shell that the server has in place of one that is gone. */
  takeUp(terminal: string): void {
    this.#forget();
    this.#begin(terminal);
  }

  typed(data: string): void {
    const isKey = this.state().isControlHeld && data.length === 1;
    if (this.state().isControlHeld) this.holdControl(false);
    this.#step({ type: 'typed', data: isKey ? controlOf(data) : data });
  }

  /** An arrow as the program wants it (DECCKM); the letter is that of its sequence. */
  arrow(letter: 'A' | 'B' | 'C' | 'D'): void {
    this.typed(`\u001B${this.#screen?.hasApplicationArrows ? 'O' : '['}${letter}`);
  }

  /** The next key is typed as with Control, for keyboards that have none. */
  holdControl(isHeld: boolean): void {
    this.#set({ isControlHeld: isHeld });
  }

  /** The commands of the lesson that wait for this shell. */
  get commands(): CommandQueue {
    return this.#commands;
  }

  /** Types a command of the lesson when the shell is free. @returns false when too many wait already */
  run(command: ShellCommand, onState: OnCommandState): boolean {
    if (this.state().role === 'reader') this.take();
    return this.#commands.add(command, onState);
  }

  /** Text of an OSC 633 in the output, the shell's own or not. */
  marked(text: string): void {
    const mark = readShellMark(text, this.#nonce);
    if (mark) this.#commands.marked(mark);
  }

  /** Puts the keyboard into the terminal, now or when its screen is there. */
  focus(): void {
    this.#wantsFocus = this.#screen === undefined;
    this.#screen?.focus();
  }

  output(offset: number, data: Uint8Array): void {
    this.#step({ type: 'output', offset, data });
  }

  role(role: TerminalRole): void {
    this.#set({ role });
  }

  notice(notice: TerminalNotice): void {
    this.#set({ notice });
  }

  dismissNotice(): void {
    this.#set({ notice: undefined });
  }

  /** Types from here from now on; the page that did so is told. */
  take(): void {
    if (this.#terminal !== undefined) this.#link.take(this.#terminal, this.#feed.size);
  }

  ended(exit: TerminalExitView): void {
    this.#typing.reset();
    this.#step({ type: 'ended' });
    this.#set({ exit });
    this.#commands.reset();
  }

  connected(): void {
    this.#step({ type: 'connected' });
  }

  disconnected(): void {
    const lost = this.#typing.reset();
    if (lost > 0) this.#set({ notice: { type: 'input', bytes: lost } });
    this.#step({ type: 'disconnected' });
  }

  /** Ends the shell on the server as well. */
  close(): void {
    if (this.#terminal !== undefined) this.#link.close(this.#terminal);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#stopViewing?.();
    clearTimeout(this.#resizeTimer);
    this.#commands[Symbol.dispose]();
    this.#screen = undefined;
    this.#store[Symbol.dispose]();
  }

  /** Nothing of the shell that was holds for the next one; what it has shown stays. */
  #forget(): void {
    this.#set({ phase: 'opening', exit: undefined, notice: undefined, problem: undefined });
    if (this.#terminal !== undefined) {
      this.#commands.reset();
      this.#screen?.startAnew();
    }
    this.#typing.reset();
    this.#stopViewing?.();
    this.#terminal = undefined;
    this.#viewer = undefined;
  }

  #begin(terminal: string): void {
    this.#terminal = terminal;
    this.#feed = startFeed(this.#feed.size);
    this.#watch(terminal);
  }

  #watch(terminal: string): void {
    this.#stopViewing?.();
    this.#stopViewing = this.#link.view(terminal, this);
    if (this.#link.isOnline) this.#step({ type: 'connected' });
  }

  #step(event: FeedEvent): void {
    const [feed, effects] = stepFeed(this.#feed, event);
    this.#feed = feed;
    for (const effect of effects) this.#act(effect);
    const phase = this.#terminal === undefined ? 'opening' : this.#feed.phase;
    this.#set({ phase, keptCharacters: this.#feed.kept.length });
    this.#commands.next();
  }

  #act(effect: FeedEffect): void {
    if (effect.type === 'fit-screen') this.#screen?.resize(effect.size);
    if (effect.type === 'draw') {
      const { offset } = effect;
      this.#screen?.draw(effect.data, () => this.#step({ type: 'drawn', offset }));
    }
    if (effect.type === 'replay') {
      this.#screen?.replay(effect.size, effect.data, () => this.#step({ type: 'replayed' }));
    }
    if (this.#terminal === undefined) return;
    if (effect.type === 'attach') void this.#attach(this.#terminal, effect);
    if (effect.type === 'acknowledge') this.#link.acknowledge(this.#terminal, effect.offset);
    if (effect.type === 'resize') this.#link.resize(this.#terminal, effect.size);
    if (effect.type === 'input') this.#typing.push(effect.data);
  }

  async #attach(
    terminal: string,
    { have, size }: { readonly have: number | undefined; readonly size: TerminalSize },
  ): Promise<void> {
    const viewer = this.#viewer;
    const request = {
      terminal,
      ...size,
      ...(have !== undefined && { have }),
      ...(viewer !== undefined && { viewer }),
    };
    const answer = await this.#link.attach(request);
    if (terminal !== this.#terminal || this.#isDisposed) return;
    if (answer.ok) {
      const { viewer: number, nonce, mode, shell } = answer.value;
      this.#viewer = number;
      this.#nonce = nonce;
      // The marks are in what is still to be drawn, unless a snapshot stands for it.
      if (mode === 'snapshot') this.#commands.known(shell);
      this.#set({ role: answer.value.role });
      this.#step({ type: 'attached', view: answer.value });
    } else if (answer.problem.code !== 'offline') {
      this.#step({ type: 'ended' });
      this.#set({ problem: answer.problem });
    }
  }

  #set(change: Partial<ShellState>): void {
    const now = this.state();
    const next = { ...now, ...change };
    const isSame =
      next.phase === now.phase &&
      next.keptCharacters === now.keptCharacters &&
      next.exit === now.exit &&
      next.role === now.role &&
      next.isControlHeld === now.isControlHeld &&
      next.isHeldUp === now.isHeldUp &&
      next.notice === now.notice &&
      next.problem === now.problem;
    if (isSame) return;
    this.#store.set(next);
  }
}
