import type { CheckView, ClusterView, ProblemView, ProgressView, SessionView } from '#protocol';

/** `connecting` is the first time, `reconnecting` any later one. */
export type Link = 'connecting' | 'online' | 'reconnecting';

/** What the page knows of the session beyond its terminals. */
export interface SessionState {
  readonly link: Link;
  readonly session: SessionView | undefined;
  /** Why the server would not let us in. */
  readonly problem: ProblemView | undefined;
}

export type SessionEvent =
  | { readonly type: 'joined'; readonly session: SessionView }
  | { readonly type: 'refused'; readonly problem: ProblemView }
  | { readonly type: 'lost' }
  | { readonly type: 'cluster'; readonly cluster: ClusterView }
  | { readonly type: 'progress'; readonly progress: ProgressView }
  | { readonly type: 'checked'; readonly step: number; readonly checks: readonly CheckView[] };

export const START: SessionState = { link: 'connecting', session: undefined, problem: undefined };

export function stepSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'joined':
      return { link: 'online', session: event.session, problem: undefined };
    case 'refused':
      return { ...state, problem: event.problem };
    case 'lost':
      return { ...state, link: state.link === 'online' ? 'reconnecting' : state.link };
    case 'cluster':
      return changed(state, { cluster: event.cluster });
    case 'progress':
      return changed(state, { progress: event.progress });
    case 'checked':
      return changed(state, { progress: withChecks(state, event) });
    default:
      return event satisfies never;
  }
}

function changed(state: SessionState, change: Partial<SessionView>): SessionState {
  return state.session ? { ...state, session: { ...state.session, ...change } } : state;
}

/** The results of one step, before the server's own word on whether that finishes it. */
function withChecks(
  state: SessionState,
  { step, checks }: { readonly step: number; readonly checks: readonly CheckView[] },
): ProgressView {
  const progress = state.session?.progress ?? { unlockedStep: 0, steps: [] };
  return {
    ...progress,
    steps: progress.steps.map((one, index) => (index === step ? { ...one, checks } : one)),
  };
}
