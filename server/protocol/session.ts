/** `POST /api/sessions {lab}` (makes or finds the learner's session) and `GET /api/sessions/:id`. */
export interface SessionView {
  readonly id: string;
  readonly lab: string;
  readonly cluster: ClusterView;
  readonly sandbox: 'bwrap' | 'none';
  readonly home: HomeState;
  readonly progress: ProgressView;
  /** Terminals open now, in order; each survives a reload. */
  readonly terminals: readonly TerminalView[];
}

export interface ClusterView {
  readonly isSimulated: boolean;
  readonly state: 'starting' | 'ready' | 'lost';
}

export interface TerminalView {
  readonly id: string;
  readonly title: string;
}

/** Told over the socket alone, to the learner whose terminal it is; never in an address, a log or an HTTP answer. */
export interface TerminalPass extends TerminalView {
  /** 128 random bits in base64url: whoever attaches shows it. */
  readonly token: string;
}

/** What joining a session answers. */
export interface JoinedView extends SessionView {
  readonly terminals: readonly TerminalPass[];
  readonly time: TimeView;
}

/** How long the session still has, in whole seconds from now; the page counts on by itself. */
export interface TimeView {
  /** Until it is put to sleep because nobody types. */
  readonly idleSeconds: number;
  /** Until its time is over, whatever happens. */
  readonly totalSeconds: number;
  /** How often that may still be put off. */
  readonly extensionsLeft: number;
}

/**
 * Whether the learner's files outlive the sandbox. `too-large`: as they were when they last fitted. `incomplete`: some could
 * not be brought back. `not-restored`: none of this time's will be kept, so that those in the store stay as they are.
 */
export type HomeState = 'kept' | 'too-large' | 'incomplete' | 'not-restored';

/** Why a session that the page shows has ended. All but `restarted` leave it in the store, to be woken again. */
export type SessionEnd = 'idle' | 'time' | 'server' | 'restarted';

export interface ProgressView {
  /** Index of the first step that is not done; equals the number of steps at the end. */
  readonly unlockedStep: number;
  readonly steps: readonly StepProgress[];
}

export interface StepProgress {
  readonly isDone: boolean;
  /** In the order of the step's checks; empty before the first run. */
  readonly checks: readonly CheckView[];
}

export interface CheckView {
  readonly id: string;
  readonly isPassed: boolean;
  /** Why not, in the learner's language. */
  readonly reason?: string;
}

/** The body of every refused HTTP request and socket call. */
export interface ProblemView {
  readonly code: string;
  readonly message: string;
  /** When asking again may help; HTTP says it as `Retry-After` too. */
  readonly retryAfterSeconds?: number;
  /** `server-full`: the learner's place in the line of those who wait, from 1; kept by asking again. */
  readonly place?: number;
}
