import type { CheckView, JoinedView, Locale, ProgressView, SessionView } from '#protocol';

import { type CheckResult, fillSentence, findVerifier } from '../../verifiers/index.ts';
import type { SandboxMode } from '../sandbox/sandbox.ts';
import { unlockedStep } from './progress.ts';
import type { Session } from './session.ts';

/** A session as the page shows it in a language. */
export function toSessionView(session: Session, sandbox: SandboxMode, locale: Locale): SessionView {
  return {
    id: session.id,
    lab: session.lab.id,
    cluster: session.cluster,
    sandbox,
    home: session.home,
    progress: toProgressView(session, locale),
    terminals: session.terminals.map(({ id, title }) => ({ id, title })),
  };
}

/** The same for a page that has joined it over its socket, with what opens the terminals. */
export function toJoinedView(session: Session, sandbox: SandboxMode, locale: Locale): JoinedView {
  return {
    ...toSessionView(session, sandbox, locale),
    terminals: session.terminals,
    time: session.time(),
  };
}

/** How far the learner is, reasons filled in. */
export function toProgressView(session: Session, locale: Locale): ProgressView {
  const { progress } = session;
  return {
    unlockedStep: unlockedStep(progress),
    steps: progress.done.map((isDone, step) => ({
      isDone,
      checks: toCheckViews(session, step, progress.checks[step] ?? [], locale),
    })),
  };
}

/** Results of one step's checks with the sentences of its verifier. */
export function toCheckViews(
  session: Session,
  step: number,
  results: readonly CheckResult[],
  locale: Locale,
): readonly CheckView[] {
  const verifier = findVerifier(session.lab.steps[step]?.verifier);
  return results.map((result) => {
    if (result.isPassed) return { id: result.check, isPassed: true };
    const sentence = verifier?.texts[locale].reasons[result.reason] ?? result.reason;
    return { id: result.check, isPassed: false, reason: fillSentence(sentence, result.params) };
  });
}
