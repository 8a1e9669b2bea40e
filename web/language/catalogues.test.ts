import assert from 'node:assert/strict';
import { test } from 'node:test';

import en from '../locales/en.json' with { type: 'json' };
import fr from '../locales/fr.json' with { type: 'json' };
import zh from '../locales/zh.json' with { type: 'json' };

interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

function sentences(catalogue: Catalogue, path = ''): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[path + key, value] satisfies [string, string]]
      : sentences(value, `${path}${key}.`),
  );
}

/** What each sentence takes from the code and from the markup around it. */
function holes(catalogue: Catalogue): Record<string, readonly string[]> {
  return Object.fromEntries(
    sentences(catalogue).map(([key, text]) => [
      key,
      (text.match(/\{\{[^}]*\}\}|<\/?[\w]+\/?>/g) ?? []).toSorted(),
    ]),
  );
}

test('the three catalogues have the same keys with the same placeholders', () => {
  assert.deepEqual(holes(fr), holes(en));
  assert.deepEqual(holes(zh), holes(en));
});

test('no catalogue holds an empty sentence or one with space around it', () => {
  for (const catalogue of [en, fr, zh]) {
    const careless = sentences(catalogue).filter(([, text]) => text === '' || text !== text.trim());
    assert.deepEqual(careless, []);
  }
});

test('French puts a no-break space before double punctuation, and uses its own quotation marks', () => {
  const careless = sentences(fr).filter(([, text]) =>
    /[^\u00a0\u202f][:;!?»](?!\/)|«[^\u00a0\u202f]|"/.test(text),
  );
  assert.deepEqual(careless, []);
});

test('Chinese sentences use Chinese punctuation', () => {
  const careless = sentences(zh).filter(([, text]) => /\p{Script=Han}[,.!?:;]/u.test(text));
  assert.deepEqual(careless, []);
});
