/** `POST /api/sessions {lab}` (makes or finds the learner's session) and `GET /api/sessions/:id`. */
export interface SessionView {
  readonly id: string;
  readonly lab: string;
  readonly cluster: ClusterView;
  readonly sandbox: 'bwrap' | 'none';
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
}
