import assert from 'node:assert/strict';
import { test } from 'node:test';

import { placeAt } from './place.ts';

/** The place of the `|` in a file. */
function placeOf(text: string) {
  return placeAt(text.replace('|', ''), text.indexOf('|'));
}

const HEAD = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\n';
const OBJECT = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' };

test('a word is placed by its indentation and the dashes before it', () => {
  const places = [
    `${HEAD}|`,
    `${HEAD}spec:\n  |`,
    `${HEAD}spec:\n  http:\n  - |`,
    `${HEAD}spec:\n  http:\n  - match: []\n    |`,
    `${HEAD}spec:\n  http:\n    - name: a\n      route:\n        - destination:\n            |`,
    `${HEAD}spec:\n  hosts:\n  - a\n  |`,
    `${HEAD}spec:\n  http:\n  - route:\n    - |\n  tls: []\n`,
  ].map((text) => placeOf(text));
  assert.deepEqual(
    places,
    [
      [],
      ['spec'],
      ['spec', 'http', '[]'],
      ['spec', 'http', '[]'],
      ['spec', 'http', '[]', 'route', '[]', 'destination'],
      ['spec'],
      ['spec', 'http', '[]', 'route', '[]'],
    ].map((path) => ({ ...OBJECT, path, value: undefined })),
  );
});

test('behind a colon the value of that field is meant, in the document around it', () => {
  assert.deepEqual(placeOf('apiVersion: v1\nkind: |\n---\napiVersion: v2\nkind: Other\n'), {
    apiVersion: 'v1',
    kind: undefined,
    path: [],
    value: 'kind',
  });
  assert.deepEqual(placeOf('apiVersion: v1\n---\napiVersion: v2\nkind: Other\nspec:\n  a: |'), {
    apiVersion: 'v2',
    kind: 'Other',
    path: ['spec'],
    value: 'a',
  });
  assert.equal(placeOf('# com|'), undefined);
});
