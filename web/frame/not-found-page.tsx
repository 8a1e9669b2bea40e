import { useTranslation } from 'react-i18next';

import { buttonClass } from '../design/button.tsx';
import { PageLink } from '../routing/navigation.tsx';
import styles from './not-found-page.module.css';
import { PageFrame } from './page-frame.tsx';
import { useTitle } from './use-title.ts';

/** For an address that is not ours, or a lab that is not there (`lab` names it). */
export function NotFoundPage({ lab }: { readonly lab?: string }) {
  const { t } = useTranslation();
  useTitle(t('notFound.title'));
  return (
    <PageFrame>
      <div className={styles['page']}>
        <Buoy />
        <p className={styles['code']}>404</p>
        <h1 className={styles['title']}>{t('notFound.title')}</h1>
        <p className={styles['text']}>
          {lab === undefined ? t('notFound.page') : t('notFound.lab', { lab })}
        </p>
        <PageLink href="/" className={buttonClass('primary')}>
          {t('notFound.home')}
        </PageLink>
      </div>
    </PageFrame>
  );
}

function Buoy() {
  return (
    <svg className={styles['drawing']} viewBox="0 0 240 120" aria-hidden="true" focusable="false">
      <g className={styles['buoy']}>
        <path d="M120 18v14" stroke="var(--text)" strokeWidth="3" strokeLinecap="round" />
        <path d="M121 19l17 6-17 6Z" fill="var(--accent)" />
        <path d="M106 84l8-52h12l8 52Z" fill="var(--text)" />
        <path d="M110.5 55h19l2 13h-23Z" fill="var(--accent)" />
        <path d="M92 84h56c-2 14-12 20-28 20s-26-6-28-20Z" fill="var(--text)" />
      </g>
      <g fill="none" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round">
        <path d="M8 92c14 9 28 9 42 0s28-9 42 0 28 9 42 0 28-9 42 0 28 9 42 0" />
        <path opacity=".45" d="M30 108c14 8 28 8 42 0s28-8 42 0 28 8 42 0 28-8 42 0" />
      </g>
    </svg>
  );
}
