import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERIFIERS } from './registry.ts';
import type { ClusterReader } from './verifier.ts';

const EMPTY_CLUSTER: ClusterReader = {
  get: async () => undefined,
  list: async () => [],
  proxyGet: async () => undefined,
};

test('every verifier has the same checks and reasons in three languages, with the same gaps', () => {
  for (const { id, texts } of VERIFIERS) {
    const shape = (locale: 'en' | 'fr' | 'zh') => ({
      checks: Object.keys(texts[locale].checks),
      reasons: Object.entries(texts[locale].reasons).map(([key, sentence]) => [
        key,
        [...sentence.matchAll(/\{\w+\}/g)].map(([gap]) => gap).toSorted(),
      ]),
    });
    assert.deepEqual(shape('fr'), shape('en'), `${id}: fr`);
    assert.deepEqual(shape('zh'), shape('en'), `${id}: zh`);
  }
});

test('every verifier says no to an empty cluster, check by check, with a reason that has a text', async () => {
  for (const verifier of VERIFIERS) {
    const results = await verifier.run(EMPTY_CLUSTER, AbortSignal.timeout(1_000));
    assert.deepEqual(
      results.map(({ check }) => check),
      verifier.checks,
      verifier.id,
    );
    assert.deepEqual(Object.keys(verifier.texts.en.checks), verifier.checks, verifier.id);
    for (const result of results) {
      assert.equal(result.isPassed, false, `${verifier.id} ${result.check}`);
      if (!result.isPassed) assert.ok(verifier.texts.en.reasons[result.reason], result.reason);
    }
  }
});
