import { createInstance } from 'i18next';
import type { i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';

import type { Locale } from '#protocol';

import { readKept, writeKept } from '../frame/kept.ts';
import en from '../locales/en.json' with { type: 'json' };
import fr from '../locales/fr.json' with { type: 'json' };
import zh from '../locales/zh.json' with { type: 'json' };
import { chooseLocale } from './choose-locale.ts';

/** Each language by its own name, so that whoever landed in the wrong one finds the way out. */
export const LANGUAGE_NAMES: Readonly<Record<Locale, string>> = {
  en: 'English',
  fr: 'Français',
  zh: '中文',
};

export const i18n: I18n = createInstance();

const HTML_LANGUAGE: Readonly<Record<Locale, string>> = { en: 'en', fr: 'fr', zh: 'zh-Hans' };

/** Chooses the language and makes the catalogues ready; all three are in memory, so that switching is instant. */
export async function startLanguage(): Promise<void> {
  const locale = chooseLocale(readKept('locale'), navigator.languages);
  await i18n.use(initReactI18next).init({
    lng: locale,
    fallbackLng: 'en',
    resources: {
      en: { translation: en },
      fr: { translation: fr },
      zh: { translation: zh },
    },
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = HTML_LANGUAGE[locale];
}

export async function changeLanguage(locale: Locale): Promise<void> {
  writeKept('locale', locale);
  document.documentElement.lang = HTML_LANGUAGE[locale];
  await i18n.changeLanguage(locale);
}
