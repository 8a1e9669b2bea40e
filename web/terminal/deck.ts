import type { LessonAction, TerminalView } from '#protocol';

import { Observable } from '../frame/observable.ts';
import type { OnCommandState } from './command-queue.ts';
import type { TerminalLink } from './link.ts';
import { Panel } from './panel.ts';
import { Shell } from './shell.ts';

/** A lesson may name terminals up to this number; the server decides how many it really gives. */
const HIGHEST_TERMINAL = 9;

export interface Slot {
  /** Stays the same while the shell in it is replaced. */
  readonly key: string;
  readonly shell: Shell;
  readonly panel: Panel;
}

export interface DeckState {
  readonly slots: readonly Slot[];
  /** Key of a slot, or of a web tab. */
  readonly selected: string;
}

/** The terminals of a lab, in order, and which tab is in front. */
export class Deck implements Disposable {
  readonly #link: TerminalLink;
  readonly #store = new Observable<DeckState>({ slots: [], selected: '' });
  #made = 0;
  /** The terminal last in front: where commands without a number go while a web tab is shown. */
  #front = '';

  constructor(link: TerminalLink) {
    this.#link = link;
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /**
   * Called at every joining: takes up the shells the server has; without any, a first one is opened. What went with a
   * session that slept, whether or not the page heard of its end, comes back with it.
   */
  joined(terminals: readonly TerminalView[]): void {
    const known = new Set(terminals.map(({ id }) => id));
    const ours = this.state().slots.map(({ shell }) => shell);
    const gone = ours.filter((shell) => shell.isGone(known));
    for (const terminal of terminals) {
      if (this.#isOurs(terminal)) continue;
      // Opened by another page that came back first.
      const shell = gone.shift();
      if (shell) shell.takeUp(terminal.id);
      else this.#put(new Shell(this.#link, terminal.id));
    }
    for (const shell of [...ours.filter((one) => one.isUnopened), ...gone]) void shell.open();
    if (this.state().slots.length === 0) this.add();
  }

  /** A shell that someone else opened. */
  opened(terminal: TerminalView): void {
    if (!this.#isOurs(terminal)) this.#put(new Shell(this.#link, terminal.id));
  }

  /** A new shell in a tab of its own, in front. */
  add(): Slot {
    const slot = this.#put(new Shell(this.#link));
    this.select(slot.key);
    return slot;
  }

  /** Ends the shell in a tab and takes the tab away. */
  close(key: string): void {
    const at = this.state().slots.findIndex((slot) => slot.key === key);
    const slot = this.state().slots[at];
    if (!slot) return;
    slot.shell.close();
    slot.shell[Symbol.dispose]();
    const slots = this.state().slots.filter((one) => one.key !== key);
    const neighbour = slots[Math.min(at, slots.length - 1)]?.key ?? '';
    const { selected } = this.state();
    if (this.#front === key) this.#front = neighbour;
    this.#set({ slots, selected: selected === key ? neighbour : selected });
  }

  select(key: string): void {
    if (this.state().slots.some((slot) => slot.key === key)) this.#front = key;
    this.#set({ ...this.state(), selected: key });
  }

  /** Runs a command of the lesson and brings its terminal to the front. @returns the terminal, none when it is busy */
  run(
    action: LessonAction & { readonly type: 'exec' },
    onState: OnCommandState = () => undefined,
  ): Slot | undefined {
    const slot = this.#slotFor(action.terminal);
    if (!slot) return undefined;
    this.select(slot.key);
    return slot.shell.run(action, onState) ? slot : undefined;
  }

  /** Puts the keyboard into the terminal in front, if one is. */
  focus(): void {
    const { slots, selected } = this.state();
    slots.find((slot) => slot.key === selected)?.shell.focus();
  }

  [Symbol.dispose](): void {
    for (const { shell } of this.state().slots) shell[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }

  #isOurs({ id }: TerminalView): boolean {
    return this.state().slots.some(
      ({ shell }) => shell.terminal === id || (shell.terminal === undefined && shell.isOpening),
    );
  }

  #slotFor(number: number | undefined): Slot | undefined {
    if (number === undefined) {
      const front = this.state().slots.find((slot) => slot.key === this.#front);
      return front ?? this.state().slots[0] ?? this.add();
    }
    if (number < 1 || number > HIGHEST_TERMINAL) return undefined;
    while (this.state().slots.length < number) this.add();
    return this.state().slots[number - 1];
  }

  #put(shell: Shell): Slot {
    this.#made += 1;
    const slot = { key: `terminal-${this.#made}`, shell, panel: new Panel() };
    const { slots, selected } = this.state();
    if (this.#front === '') this.#front = slot.key;
    this.#set({ slots: [...slots, slot], selected: selected === '' ? slot.key : selected });
    return slot;
  }

  #set(state: DeckState): void {
    this.#store.set(state);
  }
}
