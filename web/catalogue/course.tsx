import { useTranslation } from 'react-i18next';

import type { CatalogueView, LabSummary } from '#protocol';

import { buttonClass } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import { Track } from '../design/track.tsx';
import { Notice } from '../frame/notice.tsx';
import { labAddress } from '../routing/address.ts';
import { PageLink } from '../routing/navigation.tsx';
import styles from './course.module.css';

/** The labs as buoys along a course, and the ones that cannot be opened. */
export function Course({ catalogue }: { readonly catalogue: CatalogueView }) {
  const { t } = useTranslation();
  const { labs, broken } = catalogue;
  // The one lab to point at: begun and unfinished, else the first that is not done.
  const following =
    labs.find((lab) => lab.hasSession && !isDone(lab)) ?? labs.find((lab) => !isDone(lab));

  return (
    <>
      {broken.length > 0 && <BrokenLabs broken={broken} />}
      {labs.length === 0 ? (
        <div className={styles['empty']}>
          <h2>{t('catalogue.empty.title')}</h2>
          <p>{t('catalogue.empty.text')}</p>
        </div>
      ) : (
        <section aria-labelledby="course-title">
          <div className={styles['head']}>
            <h2 id="course-title">{t('catalogue.course')}</h2>
            <p>{t('catalogue.count', { done: labs.filter(isDone).length, total: labs.length })}</p>
          </div>
          <ol className={styles['course']}>
            {labs.map((lab, index) => (
              <LabRow
                key={lab.id}
                lab={lab}
                number={index + 1}
                isFinished={isDone(lab)}
                isFollowing={lab === following}
              />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function isDone(lab: LabSummary): boolean {
  return lab.stepCount > 0 && lab.doneCount >= lab.stepCount;
}

function LabRow(props: {
  readonly lab: LabSummary;
  readonly number: number;
  readonly isFinished: boolean;
  readonly isFollowing: boolean;
}) {
  const { t } = useTranslation();
  const { lab, isFinished } = props;
  const verb = isFinished ? 'again' : lab.hasSession ? 'continue' : 'start';
  return (
    <li
      className={cx(
        styles['row'],
        isFinished && styles['done'],
        props.isFollowing && styles['following'],
      )}
    >
      <span className={styles['buoy']} aria-hidden="true">
        {isFinished ? <Icon name="check" size={18} /> : props.number}
      </span>
      <article className={styles['card']}>
        <div className={styles['words']}>
          <h3 className={styles['title']}>
            <span className="visually-hidden">
              {t('catalogue.number', { number: props.number })}{' '}
            </span>
            <PageLink href={labAddress(lab.id)}>{lab.title}</PageLink>
          </h3>
          <p className={styles['description']}>{lab.description}</p>
          <ul className={styles['facts']}>
            <li>
              <Icon name="clock" size={14} />
              {t('catalogue.minutes', { minutes: lab.minutes })}
            </li>
            <li className={styles[lab.difficulty]}>
              <Difficulty level={lab.difficulty} />
              {t(`catalogue.difficulty.${lab.difficulty}`)}
            </li>
            <li>
              {lab.hasSession && (
                <Track done={lab.doneCount} total={lab.stepCount} className={styles['track']} />
              )}
              {lab.hasSession
                ? t('catalogue.progress', { done: lab.doneCount, total: lab.stepCount })
                : t('catalogue.steps', { total: lab.stepCount })}
            </li>
          </ul>
        </div>
        <PageLink
          href={labAddress(lab.id)}
          className={cx(buttonClass(props.isFollowing ? 'primary' : 'plain'), styles['go'])}
          aria-label={t(`catalogue.${verb}.label`, { title: lab.title })}
        >
          {t(`catalogue.${verb}.short`)}
          <Icon name="arrowRight" />
        </PageLink>
      </article>
    </li>
  );
}

const LEVELS = { beginner: 1, intermediate: 2, advanced: 3 } as const;

function Difficulty({ level }: { readonly level: LabSummary['difficulty'] }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
      {[1, 2, 3].map((bar) => (
        <rect
          key={bar}
          x={bar * 4 - 3}
          y={12 - bar * 3.2}
          width="2.6"
          height={bar * 3.2}
          rx="1"
          fill="currentColor"
          opacity={bar <= LEVELS[level] ? 1 : 0.28}
        />
      ))}
    </svg>
  );
}

function BrokenLabs({ broken }: Pick<CatalogueView, 'broken'>) {
  const { t } = useTranslation();
  return (
    <div className={styles['broken']}>
      <Notice tone="warn" title={t('catalogue.broken')}>
        <ul>
          {broken.map(({ id, problem }) => (
            <li key={id}>
              <code>{id}</code> {problem}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
