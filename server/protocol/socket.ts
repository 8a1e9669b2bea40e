import type { Locale } from './locale.ts';
import type {
  CheckView,
  ClusterView,
  HomeState,
  JoinedView,
  ProblemView,
  ProgressView,
  SessionEnd,
  TerminalPass,
  TimeView,
} from './session.ts';

/** Width and height in character cells; whole numbers from 2 to 500 and 1 to 200. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ProblemView };

/** Where a viewer stands after attaching. Offsets count bytes of the terminal's output since it was started. */
export interface AttachView extends TerminalSize {
  /** `snapshot`: reset the screen and write `data`; `resume`: write `data` after what is there. */
  readonly mode: 'snapshot' | 'resume';
  /** Offset after `data`. */
  readonly offset: number;
  readonly data: Uint8Array | string;
  /** Keys and sizes of one page at a time are taken: the writer's. */
  readonly role: TerminalRole;
  /** This hold's number, for `AttachRequest.viewer`. */
  readonly viewer: number;
  /** What the shell's own marks in the output (OSC 633) carry; others are a program's and mean nothing. */
  readonly nonce: string;
  /** Where the shell stood at `offset`; a snapshot does not contain the marks that said so. */
  readonly shell: ShellView;
}

/** What a page gives to see a terminal. */
export interface AttachRequest extends TerminalSize {
  readonly terminal: string;
  readonly token: string;
  /** Offset up to which the page has the output; none for a page without any. */
  readonly have?: number;
  /** The number of the hold that this page had before: a writer who comes back writes again. */
  readonly viewer?: number;
}

export type TerminalRole = 'writer' | 'reader';

/** What the marks of our bash have said. `unknown` before the first prompt, and for programs that are no shell. */
export interface ShellView {
  readonly state: 'unknown' | 'free' | 'running';
  /** Status of the last command that ended; none before that. */
  readonly exitStatus?: number;
  readonly folder?: string;
}

/** How a program on a terminal ended. */
export interface TerminalExitView {
  readonly code: number;
  readonly signal?: number;
  /** `exit`: by itself or by a signal of the learner's; the others: the server ended it, and why. */
  readonly reason: 'exit' | 'closed' | SessionEnd;
}

/**
 * `output`: the program has printed this much, which no lesson does; something may be running away. `input`: so much of
 * what was typed did not reach it, because it does not read.
 */
export interface TerminalNotice {
  readonly type: 'output' | 'input';
  readonly bytes: number;
}

/** socket.io events from the page. The handshake carries the learner's cookie; nothing secret is in a URL. */
export interface ClientEvents {
  'session:join': (
    request: { readonly session: string; readonly locale: Locale },
    answer: (result: Answer<JoinedView>) => void,
  ) => void;
  'session:locale': (locale: Locale) => void;
  /** Puts off the end of the session's time. */
  'session:extend': (answer: (result: Answer<TimeView>) => void) => void;
  /** Somebody reads, scrolls or clicks where no other message tells of it; at most once a minute. */
  'session:active': () => void;
  /** Answered at once: the page measures the way there and back. */
  'session:ping': (answer: () => void) => void;
  /** The page closes for good: nothing need be kept ready for its return. */
  'session:leave': () => void;
  'step:check': (step: number, answer: (result: Answer<readonly CheckView[]>) => void) => void;
  'terminal:open': (
    size: TerminalSize,
    answer: (result: Answer<{ readonly terminal: string; readonly token: string }>) => void,
  ) => void;
  'terminal:attach': (request: AttachRequest, answer: (result: Answer<AttachView>) => void) => void;
  /** Makes this page the writer, at its own size; the one before it is told that it reads now. */
  'terminal:take': (terminal: string, size: TerminalSize) => void;
  /**
   * With `answer`: answered when the program has read on and there is room for 128 Ki characters more. A page that waits for that
   * after so many loses nothing of a paste; of what comes faster some is refused, with a notice. One answer is waited for at a time.
   */
  'terminal:input': (terminal: string, data: string | Uint8Array, answer?: () => void) => void;
  'terminal:resize': (terminal: string, size: TerminalSize) => void;
  /** Everything up to `offset` has been drawn. */
  'terminal:ack': (terminal: string, offset: number) => void;
  'terminal:close': (terminal: string) => void;
}

/** socket.io events to the page. */
export interface ServerEvents {
  'session:cluster': (cluster: ClusterView) => void;
  'session:progress': (progress: ProgressView) => void;
  /** Five minutes and one minute before an end, and whenever what was said before is no longer true. */
  'session:time': (time: TimeView) => void;
  'session:home': (home: HomeState) => void;
  'session:ended': (why: SessionEnd) => void;
  /** `offset` is that of the first byte of `data`. */
  'terminal:data': (terminal: string, offset: number, data: Uint8Array) => void;
  'terminal:exit': (terminal: string, exit: TerminalExitView) => void;
  'terminal:role': (terminal: string, role: TerminalRole) => void;
  'terminal:notice': (terminal: string, notice: TerminalNotice) => void;
  'terminal:opened': (terminal: TerminalPass) => void;
}
