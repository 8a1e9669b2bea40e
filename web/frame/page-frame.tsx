import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './page-frame.module.css';
import { SiteHeader } from './site-header.tsx';

/** Header, main part and footer of every page that scrolls as a whole. */
export function PageFrame({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <a className={styles['skip']} href="#main">
        {t('frame.skipToMain')}
      </a>
      <SiteHeader />
      <main id="main" className={styles['main']} tabIndex={-1}>
        {children}
      </main>
      <footer className={styles['footer']}>
        <p>{t('frame.footer')}</p>
      </footer>
    </>
  );
}
