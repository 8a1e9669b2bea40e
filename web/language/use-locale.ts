import { useTranslation } from 'react-i18next';

import { isLocale } from '#protocol';
import type { Locale } from '#protocol';

/** The language on the screen now. */
export function useLocale(): Locale {
  const { i18n } = useTranslation();
  return isLocale(i18n.language) ? i18n.language : 'en';
}
