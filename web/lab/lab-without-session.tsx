import { useTranslation } from 'react-i18next';

import type { LabView } from '#protocol';

import type { ProblemError } from '../api/http.ts';
import { Notice } from '../frame/notice.tsx';
import { ProblemNotice } from '../frame/problem-notice.tsx';
import type { Place } from '../routing/address.ts';
import { LabLayout } from './lab-layout.tsx';
import styles from './lab-without-session.module.css';

/** The lesson can be read although there is no session to work in. */
export function LabWithoutSession(props: {
  readonly lab: LabView;
  readonly wanted: Place | undefined;
  readonly error: ProblemError;
  readonly onRetry: () => void;
}) {
  const { t } = useTranslation();
  return (
    <LabLayout
      lab={props.lab}
      wanted={props.wanted}
      workspace={
        <div className={styles['none']}>
          <ProblemNotice
            title={t('lab.noSession')}
            problem={props.error.problem}
            onRetry={props.onRetry}
          />
        </div>
      }
    />
  );
}

/** The same while the learner waits in line; the lab opens by itself. */
export function LabOnFullServer(props: {
  readonly lab: LabView;
  readonly wanted: Place | undefined;
  readonly place: number | undefined;
}) {
  const { t } = useTranslation();
  const { place } = props;
  return (
    <LabLayout
      lab={props.lab}
      wanted={props.wanted}
      workspace={
        <div className={styles['none']} role="status">
          <Notice tone="info" title={t('lab.full.title')}>
            {place === undefined ? t('lab.full.line') : t('lab.full.place', { place })}
          </Notice>
        </div>
      }
    />
  );
}
