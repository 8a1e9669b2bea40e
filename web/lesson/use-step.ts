import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { LabView, ProgressView, StepView } from '#protocol';

import { announce, showMessage } from '../frame/messages.tsx';
import { problemText } from '../frame/problem-text.ts';
import type { Place } from '../routing/address.ts';
import type { LabConnection } from '../session/lab-connection.ts';
import { checkStates } from './check-state.ts';
import type { CheckState } from './check-state.ts';

/** The step on the screen: what it asks for, how that stands, and the way to ask again. */
export interface Step {
  readonly view: StepView;
  readonly checks: readonly CheckState[];
  readonly isDone: boolean;
  /** Its checks keep the learner here; without a session a reader may look around. */
  readonly isAsking: boolean;
  /** Done before the learner's eyes, not on an earlier visit. */
  readonly isJustDone: boolean;
  readonly canCheck: boolean;
  readonly isChecking: boolean;
  /** Runs the checks; a step without any is finished by this. */
  readonly check: () => Promise<void>;
}

export function useStep(props: {
  readonly lab: LabView;
  readonly place: Place;
  readonly progress: ProgressView;
  readonly connection: LabConnection | undefined;
  readonly isOnline: boolean;
}): Step | undefined {
  const { t } = useTranslation();
  const { connection } = props;
  const index = props.place.type === 'step' ? props.place.index : -1;
  const [checking, setChecking] = useState(-1);
  const view = props.lab.steps[index];
  const progress = props.progress.steps[index];
  const isDone = progress?.isDone === true;
  const isJustDone = useJustDone(index, isDone);
  if (!view) return undefined;

  const checks = checkStates(view, progress);
  const check = async () => {
    if (!connection || checking === index) return;
    setChecking(index);
    const answer = await connection.check(index);
    setChecking(-1);
    if (!answer.ok) {
      showMessage(problemText(answer.problem, t));
    } else if (answer.value.length > 0) {
      const passed = answer.value.filter(({ isPassed }) => isPassed).length;
      announce(t('checks.summary', { passed, total: answer.value.length }));
    }
  };
  return {
    view,
    checks,
    isDone,
    isAsking: connection !== undefined && !isDone && checks.length > 0,
    isJustDone,
    canCheck: props.isOnline && connection !== undefined,
    isChecking: checking === index,
    check,
  };
}

/** Says the good news once, when a step becomes done while it is on the screen. */
function useJustDone(index: number, isDone: boolean): boolean {
  const { t } = useTranslation();
  const before = useRef({ index, isDone });
  const [justDone, setJustDone] = useState(-1);

  useEffect(() => {
    const isNews = before.current.index === index && !before.current.isDone && isDone;
    before.current = { index, isDone };
    if (!isNews || index < 0) return;
    setJustDone(index);
    announce(t('checks.unlocked'));
  }, [index, isDone, t]);
  return justDone === index && index >= 0;
}
