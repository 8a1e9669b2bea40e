import { readFileSync } from 'node:fs';

import type { Locale, VerifierTexts } from '../verifier.ts';

const LOCALES = ['en', 'fr', 'zh'] as const;

/**
 * Reads the texts that stand beside a verifier: `{ "en": { "checks": {…}, "reasons": {…} }, "fr": …, "zh": … }`.
 * @param file address of the JSON file: `new URL('cluster.texts.json', import.meta.url)`
 * @throws TypeError when a language or one of its two tables is missing
 */
export function readTexts(file: URL): Readonly<Record<Locale, VerifierTexts>> {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRecord(parsed)) throw new TypeError(`Cannot use ${file.pathname}: it is not an object`);
  const [en, fr, zh] = LOCALES.map((locale) => {
    const texts = parsed[locale];
    if (!isTexts(texts))
      throw new TypeError(`Cannot use ${file.pathname}: "${locale}" lacks checks or reasons`);
    return texts;
  });
  if (!en || !fr || !zh) throw new TypeError(`Cannot use ${file.pathname}: a language is missing`);
  return { en, fr, zh };
}

function isTexts(value: unknown): value is VerifierTexts {
  return isRecord(value) && isStringTable(value['checks']) && isStringTable(value['reasons']);
}

function isStringTable(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
