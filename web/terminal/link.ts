import type {
  Answer,
  AttachRequest,
  AttachView,
  TerminalExitView,
  TerminalNotice,
  TerminalRole,
  TerminalSize,
} from '#protocol';

/** What a terminal hears of its shell. */
export interface TerminalViewer {
  output(offset: number, data: Uint8Array): void;
  ended(exit: TerminalExitView): void;
  role(role: TerminalRole): void;
  notice(notice: TerminalNotice): void;
  connected(): void;
  disconnected(): void;
}

/** The way from a terminal on the page to its shell. */
export interface TerminalLink {
  readonly isOnline: boolean;
  open(size: TerminalSize): Promise<Answer<{ readonly terminal: string }>>;
  attach(request: Omit<AttachRequest, 'token'>): Promise<Answer<AttachView>>;
  /** `onRoom` is called when the program has room for more. */
  input(terminal: string, data: string, onRoom?: () => void): void;
  resize(terminal: string, size: TerminalSize): void;
  /** Makes this page the writer. */
  take(terminal: string, size: TerminalSize): void;
  acknowledge(terminal: string, offset: number): void;
  close(terminal: string): void;
  /** Tells `viewer` of one terminal until the function given back is called. */
  view(terminal: string, viewer: TerminalViewer): () => void;
}
