import type { TFunction } from 'i18next';

import type { ProblemView } from '#protocol';

import en from '../locales/en.json' with { type: 'json' };

/** Problems that have a sentence in the catalogues; `offline` is the page's own. */
const SENTENCES = en.problem.code;

/** A problem in the learner's language; one that the page does not know, in the server's own words. */
export function problemText({ code, message }: ProblemView, t: TFunction): string {
  return hasSentence(code) ? t(`problem.code.${code}`) : message;
}

function hasSentence(code: string): code is keyof typeof SENTENCES {
  return Object.hasOwn(SENTENCES, code);
}
