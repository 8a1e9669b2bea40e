import { spawnSync } from 'node:child_process';

import type { Locale } from '#protocol';

/** What programs call our languages (POSIX: Environment Variables; gettext: LANGUAGE). */
const NAMES: Readonly<Record<Locale, { readonly lang: string; readonly language: string }>> = {
  en: { lang: 'en_US.UTF-8', language: 'en' },
  fr: { lang: 'fr_FR.UTF-8', language: 'fr' },
  zh: { lang: 'zh_CN.UTF-8', language: 'zh_CN:zh' },
};
/** Every machine has it: characters as everywhere, messages in English. */
const FALLBACK = 'C.UTF-8';

/** Variables that say in which language programs speak. LC_ALL stays the learner's to set. */
export type Languages = Readonly<Record<Locale, Readonly<Record<string, string>>>>;

/**
 * What a learner's programs are told, for each language of ours. A locale that the machine lacks would make them complain.
 * @param installed the output of `locale -a`, which writes `fr_FR.utf8`
 */
export function findLanguages(installed: string = localesHere()): Languages {
  const names = new Set(installed.split('\n').map(plain));
  const of = (locale: Locale) => {
    const { lang, language } = NAMES[locale];
    return names.has(plain(lang)) ? { LANG: lang, LANGUAGE: language } : { LANG: FALLBACK };
  };
  return { en: of('en'), fr: of('fr'), zh: of('zh') };
}

function localesHere(): string {
  return spawnSync('locale', ['-a'], { encoding: 'utf8' }).stdout ?? '';
}

function plain(name: string): string {
  return name.trim().toLowerCase().replace('utf-8', 'utf8');
}
