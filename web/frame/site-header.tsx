import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { cx } from '../design/class-names.ts';
import { Mark } from '../design/mark.tsx';
import { LanguageMenu } from '../language/language-menu.tsx';
import { PageLink } from '../routing/navigation.tsx';
import { ThemeButton } from '../theme/theme-button.tsx';
import styles from './site-header.module.css';

/** The bar at the top: home, what the page puts there, language and theme. `isTight` leaves out the name beside the mark on phones. */
export function SiteHeader(props: { readonly children?: ReactNode; readonly isTight?: boolean }) {
  const { t } = useTranslation();
  return (
    <header className={styles['header']}>
      <PageLink
        href="/"
        className={cx(styles['home'], props.isTight === true && styles['tight'])}
        aria-label={t('frame.home')}
      >
        <Mark />
        <span className={styles['name']}>Regatta</span>
      </PageLink>
      <div className={styles['middle']}>{props.children}</div>
      <div className={styles['tools']}>
        <LanguageMenu />
        <ThemeButton />
      </div>
    </header>
  );
}
