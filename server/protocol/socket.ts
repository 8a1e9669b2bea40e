import type { Locale } from './locale.ts';
import type { CheckView, ClusterView, ProblemView, ProgressView, SessionView } from './session.ts';

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
}

/** socket.io events from the page. The handshake carries the learner's cookie; nothing secret is in a URL. */
export interface ClientEvents {
  'session:join': (
    request: { readonly session: string; readonly locale: Locale },
    answer: (result: Answer<SessionView>) => void,
  ) => void;
  'session:locale': (locale: Locale) => void;
  'step:check': (step: number, answer: (result: Answer<readonly CheckView[]>) => void) => void;
  'terminal:open': (
    size: TerminalSize,
    answer: (result: Answer<{ readonly terminal: string }>) => void,
  ) => void;
  'terminal:attach': (
    request: TerminalSize & { readonly terminal: string; readonly have?: number },
    answer: (result: Answer<AttachView>) => void,
  ) => void;
  'terminal:input': (terminal: string, data: string | Uint8Array) => void;
  'terminal:resize': (terminal: string, size: TerminalSize) => void;
  /** Everything up to `offset` has been drawn. */
  'terminal:ack': (terminal: string, offset: number) => void;
  'terminal:close': (terminal: string) => void;
}

/** socket.io events to the page. */
export interface ServerEvents {
  'session:cluster': (cluster: ClusterView) => void;
  'session:progress': (progress: ProgressView) => void;
  /**
   * `offset` is that of the first byte of `data`. A string is short and of ASCII alone, a byte a character: it needs one
   * message where bytes need two, which a key's echo feels.
   */
  'terminal:data': (terminal: string, offset: number, data: Uint8Array | string) => void;
  'terminal:exit': (
    terminal: string,
    exit: { readonly code: number; readonly signal?: number },
  ) => void;
  'terminal:opened': (terminal: { readonly id: string; readonly title: string }) => void;
}
