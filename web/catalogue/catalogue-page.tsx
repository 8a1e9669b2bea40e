import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import type { CatalogueView } from '#protocol';

import { getJson } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import { SkeletonLine } from '../design/skeleton-line.tsx';
import { PageFrame } from '../frame/page-frame.tsx';
import { ProblemNotice } from '../frame/problem-notice.tsx';
import { useTitle } from '../frame/use-title.ts';
import { useLocale } from '../language/use-locale.ts';
import styles from './catalogue-page.module.css';
import { Course } from './course.tsx';

/** The labs of the course, in order. */
export function CataloguePage() {
  const { t } = useTranslation();
  const locale = useLocale();
  const load = useCallback(
    (signal: AbortSignal) => getJson<CatalogueView>(`/api/labs?locale=${locale}`, signal),
    [locale],
  );
  const [catalogue, reload] = useResource(load);
  useTitle(t('catalogue.tab'));

  return (
    <PageFrame>
      <div className={styles['hero']}>
        <h1 className={styles['headline']}>{t('catalogue.headline')}</h1>
        <p className={styles['promise']}>{t('catalogue.promise')}</p>
      </div>
      {catalogue.state === 'loading' && <CourseSkeleton />}
      {catalogue.state === 'failed' && (
        <ProblemNotice
          title={t('catalogue.failed')}
          problem={catalogue.error.problem}
          onRetry={reload}
        />
      )}
      {catalogue.state === 'ready' && <Course catalogue={catalogue.value} />}
    </PageFrame>
  );
}

function CourseSkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('catalogue.loading')} className={styles['skeleton']}>
      {[62, 48, 70, 55].map((width) => (
        <div key={width} className={styles['bone']}>
          <SkeletonLine width={width * 0.6} />
          <SkeletonLine width={width} />
        </div>
      ))}
    </div>
  );
}
