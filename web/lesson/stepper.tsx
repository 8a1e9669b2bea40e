import { useTranslation } from 'react-i18next';

import type { LabView, ProgressView } from '#protocol';

import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import type { IconName } from '../design/icons.tsx';
import { isOpen, isSamePlace, pageAt, placesOf } from '../lab/place.ts';
import type { Place } from '../routing/address.ts';
import styles from './stepper.module.css';

/** All pages of the lab in one line: done, here, open, locked. */
export function Stepper(props: {
  readonly lab: LabView;
  readonly place: Place;
  readonly progress: ProgressView;
  readonly onGo: (place: Place) => void;
}) {
  const { t } = useTranslation();
  return (
    <nav className={styles['stepper']} aria-label={t('lesson.steps')}>
      <ol className={styles['line']}>
        {placesOf(props.lab).map((place) => (
          <Stop key={place.type === 'step' ? place.index : place.type} {...props} stop={place} />
        ))}
      </ol>
    </nav>
  );
}

function Stop(props: {
  readonly lab: LabView;
  readonly place: Place;
  readonly stop: Place;
  readonly progress: ProgressView;
  readonly onGo: (place: Place) => void;
}) {
  const { t } = useTranslation();
  const { lab, stop, progress } = props;
  const isHere = isSamePlace(stop, props.place);
  const isLocked = !isOpen(stop, lab, progress);
  const isDone = stop.type === 'step' && progress.steps[stop.index]?.isDone === true;
  const state = isDone ? 'done' : isLocked ? 'locked' : 'open';
  const title = pageAt(lab, stop)?.title ?? '';
  const name =
    stop.type === 'step'
      ? t('lesson.stop', { number: stop.index + 1, title })
      : t(`lesson.${stop.type}`);
  return (
    <li className={cx(styles['stop'], styles[state], isHere && styles['here'])}>
      <button
        type="button"
        aria-current={isHere ? 'step' : undefined}
        aria-disabled={isLocked || undefined}
        aria-label={`${name}, ${t(`lesson.state.${state}`)}`}
        title={name}
        onClick={() => {
          if (!isLocked) props.onGo(stop);
        }}
      >
        <StopSign stop={stop} state={state} />
      </button>
    </li>
  );
}

const SIGNS: Readonly<Record<'intro' | 'finish', IconName>> = { intro: 'sail', finish: 'flag' };

function StopSign(props: { readonly stop: Place; readonly state: 'done' | 'locked' | 'open' }) {
  const { stop, state } = props;
  if (stop.type !== 'step') return <Icon name={SIGNS[stop.type]} size={14} />;
  if (state === 'done') return <Icon name="check" size={14} />;
  return <span>{stop.index + 1}</span>;
}
