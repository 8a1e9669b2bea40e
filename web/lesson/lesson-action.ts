import type { LessonAction } from '#protocol';

import type { OnCommandState } from '../terminal/command-queue.ts';

/** Who pressed a button of the lesson, and who wants to know how far its command comes. */
export interface ActionRequest {
  readonly isByPointer: boolean;
  readonly onState: OnCommandState;
}

/** Carries out a button of the lesson. @returns whether it was done, or begun */
export type RunAction = (action: LessonAction, request: ActionRequest) => Promise<boolean>;

/**
 * The action a button of the lesson stands for. The HTML says only a number; what it means comes from the page's own
 * list, so that no markup can smuggle in a command.
 */
export function actionOf(
  number: string | undefined,
  actions: readonly LessonAction[],
): LessonAction | undefined {
  if (number === undefined || !/^\d{1,5}$/.test(number)) return undefined;
  return actions[Number(number)];
}

/** The first line of a command, short enough for a label. */
export function commandLabel(text: string, limit = 60): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
