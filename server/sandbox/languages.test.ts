import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findLanguages } from './languages.ts';

test('a shell speaks the language of its learner where the machine has it', () => {
  assert.deepEqual(findLanguages('C\nC.utf8\nPOSIX\nfr_FR\nfr_FR.utf8\nzh_CN.utf8\n'), {
    en: { LANG: 'C.UTF-8' },
    fr: { LANG: 'fr_FR.UTF-8', LANGUAGE: 'fr' },
    zh: { LANG: 'zh_CN.UTF-8', LANGUAGE: 'zh_CN:zh' },
  });
});
