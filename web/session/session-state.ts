import type {
  CheckView,
  ClusterView,
  HomeState,
  JoinedView,
  ProblemView,
  ProgressView,
  SessionEnd,
  SessionView,
  TimeView,
} from '#protocol';

/** `connecting` is the first time, `reconnecting` any later one. */
export type Link = 'connecting' | 'online' | 'reconnecting';

/** What the page knows of the session beyond its terminals. */
export interface SessionState {
  readonly link: Link;
  readonly session: SessionView | undefined;
  /** How long it still has, as the server said last. */
  readonly time: TimeView | undefined;
  /** Why it sleeps or is gone; none while it goes on. */
  readonly ended: SessionEnd | undefined;
  /** Why the server would not let us in. */
  readonly problem: ProblemView | undefined;
}

export type SessionEvent =
  | { readonly type: 'joined'; readonly session: JoinedView }
  | { readonly type: 'time'; readonly time: TimeView }
  | { readonly type: 'ended'; readonly why: SessionEnd }
  | { readonly type: 'refused'; readonly problem: ProblemView }
  | { readonly type: 'continued' }
  | { readonly type: 'lost' }
  | { readonly type: 'cluster'; readonly cluster: ClusterView }
  | { readonly type: 'home'; readonly home: HomeState }
  | { readonly type: 'progress'; readonly progress: ProgressView }
  | { readonly type: 'checked'; readonly step: number; readonly checks: readonly CheckView[] };

export const START: SessionState = {
  link: 'connecting',
  session: undefined,
  time: undefined,
  ended: undefined,
  problem: undefined,
};

export function stepSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'joined':
      return joined(event.session);
    case 'time':
      return { ...state, time: event.time };
    case 'ended':
      return { ...state, ended: event.why };
    case 'refused':
      return { ...state, problem: event.problem };
    case 'continued':
      return { ...state, ended: undefined };
    case 'lost':
      // Nobody comes back to a session that sleeps.
      if (state.ended !== undefined && state.ended !== 'server') return state;
      return { ...state, link: state.link === 'online' ? 'reconnecting' : state.link };
    case 'cluster':
      return changed(state, { cluster: event.cluster });
    case 'home':
      return changed(state, { home: event.home });
    case 'progress':
      return changed(state, { progress: event.progress });
    case 'checked':
      return changed(state, { progress: withChecks(state, event) });
    default:
      return event satisfies never;
  }
}

/** The passes stay with the connection: what the page shows needs none. */
function joined({ time, ...session }: JoinedView): SessionState {
  const terminals = session.terminals.map(({ id, title }) => ({ id, title }));
  const shown = { ...session, terminals };
  return { link: 'online', session: shown, time, ended: undefined, problem: undefined };
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
