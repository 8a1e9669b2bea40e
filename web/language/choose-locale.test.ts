import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseLocale } from './choose-locale.ts';

test('chooseLocale() prefers what was kept, then the order of the browser, then English', () => {
  assert.equal(chooseLocale('zh', ['fr-CA']), 'zh');
  assert.equal(chooseLocale('tlh', ['de-AT', 'zh-Hant-TW', 'fr']), 'zh');
  assert.equal(chooseLocale(null, ['fr-CA', 'en']), 'fr');
  assert.equal(chooseLocale(undefined, ['de', 'ja']), 'en');
});
