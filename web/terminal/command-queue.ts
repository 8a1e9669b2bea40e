import { type ShellMark, type ShellView, stepShell } from '#protocol';

import { commandInput } from './input.ts';

/** A command of the lesson, as it was clicked. */
export interface ShellCommand {
  readonly text: string;
  readonly hasNewline: boolean;
  /** Press Ctrl+C first, should something run. */
  readonly isInterrupting: boolean;
}

/** How far a command has come. `typed`: it was put on the line for the learner to finish. */
export type CommandState =
  | { readonly type: 'waiting' }
  | { readonly type: 'running' }
  | { readonly type: 'typed' }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly exitStatus: number }
  /** The shell ended first, or the learner thought better of it. */
  | { readonly type: 'dropped' };

export type OnCommandState = (state: CommandState) => void;

/** What the queue may do with the shell. */
export interface CommandShell {
  /** Whether keys arrive now. */
  readonly isLive: boolean;
  /** Whether it asked for pasted text in brackets. */
  readonly isBracketed: boolean;
  type(text: string): void;
  /** What `waiting` says has changed. */
  onChange(): void;
}

const COMMANDS_WAITING = 16;
const INTERRUPT = '\u0003';
/** To the end of the line, then all of it into the kill ring, from where Ctrl+Y brings it back. */
const CLEAR_LINE = '\u0005\u0015';
/** A shell that has said nothing of itself by then is none of ours. */
const SILENT_MS = 2_000;
/** After Ctrl+C, for a shell that does not say when it is free: time to set up its line editor again. */
const INTERRUPT_PAUSE_MS = 250;
const UNKNOWN: ShellView = { state: 'unknown' };

interface Entry {
  readonly command: ShellCommand;
  readonly onState: OnCommandState;
}

/**
 * Types the lesson's commands into a shell, one after the other, each when the shell is free. What it knows of the shell
 * comes from the shell's marks; one without marks is typed into as it is.
 */
export class CommandQueue implements Disposable {
  readonly #shell: CommandShell;
  readonly #waiting: Entry[] = [];
  /** Typed, and not yet at its end. */
  #current: Entry | undefined;
  /** The shell has said that the current command began. */
  #hasStarted = false;
  /** Status of what ended since the current command was typed. */
  #status: number | undefined;
  #view: ShellView = UNKNOWN;
  /** Ctrl+C has been pressed, and the shell is not yet free. */
  #isInterrupted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Without a mark until now, so that it has none. */
  #isSilent = false;

  constructor(shell: CommandShell) {
    this.#shell = shell;
  }

  /** A program runs, and commands wait for its end. */
  get isHeldUp(): boolean {
    return this.#waiting.length > 0 && this.#view.state === 'running' && !this.#isInterrupted;
  }

  /** @returns false when the line is full */
  add(command: ShellCommand, onState: OnCommandState): boolean {
    if (this.#waiting.length >= COMMANDS_WAITING) return false;
    this.#waiting.push({ command, onState });
    onState({ type: 'waiting' });
    this.next();
    return true;
  }

  /** Where the shell stands, as the server knows it. */
  known(view: ShellView): void {
    this.#view = view;
    // The end of what was typed was among the marks that were not drawn.
    if (view.state === 'free' && this.#current) this.#settleUnseen(view, this.#current);
    this.next();
  }

  marked(mark: ShellMark): void {
    this.#view = stepShell(this.#view, mark);
    if (mark.type === 'started') this.#hasStarted = true;
    if (mark.type === 'ended') this.#status = mark.exitStatus;
    if (mark.type === 'ready') this.#ready();
    this.next();
  }

  /** Presses Ctrl+C, so that what waits has its turn. */
  interrupt(): void {
    if (!this.isHeldUp) return;
    this.#isInterrupted = true;
    this.#shell.type(INTERRUPT);
    this.next();
  }

  /** Types the next one into whatever runs, such as a shell in a pod. */
  typeAnyway(): void {
    const entry = this.#waiting.shift();
    if (!entry) return;
    this.#type(entry.command);
    entry.onState({ type: 'typed' });
    this.#shell.onChange();
  }

  /** Forgets all that wait. */
  drop(): void {
    for (const { onState } of this.#waiting.splice(0)) onState({ type: 'dropped' });
    this.#shell.onChange();
  }

  /** The shell is gone, and a next one starts from nothing. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current?.onState({ type: 'dropped' });
    this.#current = undefined;
    this.#status = undefined;
    this.#view = UNKNOWN;
    this.#isSilent = false;
    this.#isInterrupted = false;
    this.drop();
  }

  /** Types what may be typed now. */
  next(): void {
    for (;;) {
      const entry = this.#waiting[0];
      if (!entry || !this.#shell.isLive || !this.#isFreeFor(entry.command)) break;
      this.#waiting.shift();
      this.#start(entry);
    }
    this.#shell.onChange();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #isFreeFor(command: ShellCommand): boolean {
    if (this.#view.state === 'unknown')
      return this.#isSilent ? this.#isPausedFor(command) : this.#listen();
    if (this.#current) return false;
    if (this.#view.state === 'free') return true;
    if (command.isInterrupting) this.interrupt();
    return false;
  }

  /** Waits for a first mark, for a while. */
  #listen(): boolean {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#isSilent = true;
      this.next();
    }, SILENT_MS);
    return false;
  }

  /** A shell without marks is interrupted whatever it does, and given a moment. */
  #isPausedFor(command: ShellCommand): boolean {
    if (!command.isInterrupting || this.#isInterrupted) {
      const isOver = this.#timer === undefined;
      if (isOver) this.#isInterrupted = false;
      return isOver;
    }
    this.#isInterrupted = true;
    this.#shell.type(INTERRUPT);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.next();
    }, INTERRUPT_PAUSE_MS);
    return false;
  }

  #start(entry: Entry): void {
    const isMarked = this.#view.state === 'free';
    // What the learner had begun to type would become part of the command.
    if (isMarked) this.#shell.type(CLEAR_LINE);
    this.#type(entry.command);
    if (!isMarked || !entry.command.hasNewline) {
      entry.onState({ type: 'typed' });
      return;
    }
    this.#current = entry;
    this.#status = undefined;
    this.#hasStarted = false;
    entry.onState({ type: 'running' });
  }

  /** The end was not seen; of a command whose beginning was not seen either, nobody knows whether it came through. */
  #settleUnseen(view: ShellView, { onState }: Entry): void {
    if (this.#hasStarted || this.#status !== undefined) {
      this.#status ??= view.exitStatus ?? 0;
      this.#ready();
      return;
    }
    this.#current = undefined;
    onState({ type: 'typed' });
  }

  #type({ text, hasNewline }: ShellCommand): void {
    this.#shell.type(commandInput(text, { hasNewline, isBracketed: this.#shell.isBracketed }));
  }

  /** A line that is drawn anew says that it is ready as well: only after an end is it a new one. */
  #ready(): void {
    this.#isInterrupted = false;
    if (!this.#current || this.#status === undefined) return;
    const { onState } = this.#current;
    const exitStatus = this.#status;
    this.#current = undefined;
    onState(exitStatus === 0 ? { type: 'done' } : { type: 'failed', exitStatus });
  }
}
