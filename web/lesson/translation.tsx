import { useTranslation } from 'react-i18next';

import { isLocale } from '#protocol';
import type { PageView } from '#protocol';

import { Notice } from '../frame/notice.tsx';
import { LANGUAGE_NAMES } from '../language/i18n.ts';
import styles from './translation.module.css';

/** Says so when a page is not in the language that was asked for. */
export function Translation({ page }: { readonly page: PageView }) {
  const { t } = useTranslation();
  const { fallbackLocale } = page;
  if (fallbackLocale === undefined) return undefined;
  const name = isLocale(fallbackLocale) ? LANGUAGE_NAMES[fallbackLocale] : fallbackLocale;
  return (
    <div className={styles['place']}>
      <Notice tone="info" title={t('lesson.notTranslated', { name })} />
    </div>
  );
}
