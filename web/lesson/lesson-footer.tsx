import { useTranslation } from 'react-i18next';

import { Button, buttonClass } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import type { Place } from '../routing/address.ts';
import { PageLink } from '../routing/navigation.tsx';
import styles from './lesson-footer.module.css';
import type { Step } from './use-step.ts';

/** Back, how the checks stand, and on. */
export function LessonFooter(props: {
  readonly step: Step | undefined;
  readonly previous: Place | undefined;
  readonly next: Place | undefined;
  readonly isLast: boolean;
  readonly onGo: (place: Place) => void;
}) {
  const { t } = useTranslation();
  const { step, previous, next, onGo } = props;
  const isAsking = step?.isAsking === true;
  const goOn = async (to: Place) => {
    // A step that asks for nothing is done once it is left.
    if (step && !step.isDone) await step.check();
    onGo(to);
  };
  return (
    <div className={styles['footer']}>
      {previous && (
        <Button kind="quiet" aria-label={t('lesson.previous')} onPress={() => onGo(previous)}>
          <Icon name="arrowLeft" />
          <span className={styles['back']}>{t('lesson.previous')}</span>
        </Button>
      )}
      <span className={styles['gap']} />
      {step && step.checks.length > 0 && <Summary step={step} />}
      {next && (
        <div className={cx(styles['next'], step?.isJustDone === true && styles['news'])}>
          <Button
            kind={isAsking ? 'plain' : 'primary'}
            isDisabled={isAsking}
            onPress={() => void goOn(next)}
          >
            {isAsking && <Icon name="lock" size={14} />}
            {t('lesson.next')}
            {!isAsking && <Icon name="arrowRight" />}
          </Button>
          {step?.isJustDone === true && <Spray />}
        </div>
      )}
      {props.isLast && (
        <PageLink href="/" className={buttonClass('primary')}>
          {t('lesson.home')}
        </PageLink>
      )}
    </div>
  );
}

/** One dot a check, so that the news is in sight wherever the lesson is scrolled to. */
function Summary({ step }: { readonly step: Step }) {
  const { t } = useTranslation();
  const passed = step.checks.filter((check) => check.state === 'passed').length;
  return (
    <a
      href="#checks"
      className={styles['summary']}
      onClick={(event) => {
        event.preventDefault();
        document.querySelector('#checks')?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
      }}
    >
      <span className={styles['dots']} aria-hidden="true">
        {step.checks.map((check) => (
          <span key={check.id} className={styles[check.state]} />
        ))}
      </span>
      {t('checks.count', { passed, total: step.checks.length })}
    </a>
  );
}

const DROPS = Array.from({ length: 12 }, (_, index) => index);

/** A splash of water around the button that has just been unlocked. */
function Spray() {
  return (
    <span className={styles['spray']} aria-hidden="true">
      {DROPS.map((drop) => (
        <span key={drop} style={{ '--angle': `${drop * 30}deg`, '--far': drop % 2 }} />
      ))}
    </span>
  );
}
