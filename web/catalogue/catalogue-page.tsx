import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import type { CatalogueView } from '#protocol';

import { getJson } from '../api/http.ts';
import type { ProblemError } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../frame/notice.tsx';
import { PageFrame } from '../frame/page-frame.tsx';
import { problemText } from '../frame/problem-text.ts';
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
      {catalogue.state === 'failed' && <LoadProblem error={catalogue.error} onRetry={reload} />}
      {catalogue.state === 'ready' && <Course catalogue={catalogue.value} />}
    </PageFrame>
  );
}

function LoadProblem(props: { readonly error: ProblemError; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="bad"
      title={t('catalogue.failed')}
      action={<Button onPress={props.onRetry}>{t('problem.retry')}</Button>}
    >
      {problemText(props.error.problem, t)}
    </Notice>
  );
}

function CourseSkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('catalogue.loading')} className={styles['skeleton']}>
      {[62, 48, 70, 55].map((width) => (
        <div key={width} className={styles['bone']}>
          <span style={{ width: `${width * 0.6}%` }} />
          <span style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
