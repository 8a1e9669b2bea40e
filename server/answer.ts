import type { Answer } from '#protocol';

import type { Logger } from './log.ts';
import { Problem, toProblemView } from './problem.ts';

/**
 * Answers a page's call with its value or a problem; what is not a refusal of ours goes to the log.
 * @param answer the page's acknowledgement; a page may have sent anything in its place
 */
export async function answerWith<T>(
  log: Pick<Logger, 'error'>,
  answer: unknown,
  act: () => Promise<T>,
): Promise<void> {
  const tell = (result: Answer<T>) => {
    if (typeof answer === 'function') answer(result);
  };
  try {
    tell({ ok: true, value: await act() });
  } catch (error) {
    if (!(error instanceof Problem)) log.error({ err: error }, 'Socket call failed');
    tell({ ok: false, problem: toProblemView(error) });
  }
}
