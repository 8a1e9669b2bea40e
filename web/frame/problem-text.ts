import type { TFunction } from 'i18next';

import type { ProblemView } from '#protocol';

/** Problems that have a sentence in the catalogues; `offline` is the page's own. */
const CODES = [
  'offline',
  'server-full',
  'too-many-requests',
  'too-many-terminals',
  'session-not-found',
  'no-learner',
  'tab-not-ready',
  'step-locked',
  'terminal-not-found',
  'internal',
] as const;

/** A problem in the learner's language; one that the page does not know, in the server's own words. */
export function problemText(problem: ProblemView, t: TFunction): string {
  const code = CODES.find((known) => known === problem.code);
  return code === undefined ? problem.message : t(`problem.code.${code}`);
}
