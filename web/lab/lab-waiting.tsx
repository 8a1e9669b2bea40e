import { useTranslation } from 'react-i18next';

import type { ProblemError } from '../api/http.ts';
import { SkeletonLine } from '../design/skeleton-line.tsx';
import { PageFrame } from '../frame/page-frame.tsx';
import { ProblemNotice } from '../frame/problem-notice.tsx';
import { SiteHeader } from '../frame/site-header.tsx';
import styles from './lab-waiting.module.css';

/** The shape of a lab before anything is known; it stands for a moment only. */
export function LabLoading() {
  const { t } = useTranslation();
  return (
    <>
      <SiteHeader isTight />
      <main className={styles['page']} aria-busy="true">
        <div role="status" aria-label={t('lab.loading')} className={styles['lesson']}>
          {[40, 92, 85, 96, 60, 100, 88].map((width) => (
            <SkeletonLine key={width} width={width} />
          ))}
        </div>
        <div className={styles['terminal']} />
      </main>
    </>
  );
}

/** The lesson could not be had. */
export function LabFailed(props: { readonly error: ProblemError; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <PageFrame>
      <ProblemNotice
        title={t('lab.failed')}
        problem={props.error.problem}
        onRetry={props.onRetry}
      />
    </PageFrame>
  );
}
