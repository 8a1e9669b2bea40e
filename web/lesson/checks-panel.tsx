import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import type { CheckState } from './check-state.ts';
import styles from './checks-panel.module.css';
import type { Step } from './use-step.ts';

/** What must be true to go on, watched live. */
export function ChecksPanel({ step }: { readonly step: Step }) {
  const { t } = useTranslation();
  return (
    <section
      id="checks"
      aria-labelledby="checks-title"
      className={cx(styles['panel'], step.isDone && styles['isDone'])}
    >
      <div className={styles['head']}>
        <h2 id="checks-title">{t(step.isDone ? 'checks.done' : 'checks.title')}</h2>
        {!step.isDone && (
          <Button onPress={() => void step.check()} isDisabled={!step.canCheck}>
            {t(step.isChecking ? 'checks.checking' : 'checks.check')}
          </Button>
        )}
      </div>
      <ul className={styles['checks']}>
        {step.checks.map((check) => (
          <Check key={check.id} check={check} isChecking={step.isChecking} />
        ))}
      </ul>
      {step.isAsking && <p className={styles['live']}>{t('checks.live')}</p>}
    </section>
  );
}

function Check({
  check,
  isChecking,
}: {
  readonly check: CheckState;
  readonly isChecking: boolean;
}) {
  const { t } = useTranslation();
  const isWaiting = isChecking && check.state !== 'passed';
  return (
    <li className={cx(styles['check'], styles[check.state], isWaiting && styles['waiting'])}>
      <span className={styles['sign']} aria-hidden="true">
        {check.state === 'passed' && <Icon name="check" size={14} />}
        {check.state === 'failed' && !isWaiting && <span className={styles['dash']} />}
      </span>
      <div className={styles['words']}>
        <p>
          {check.title}
          <span className="visually-hidden"> ({t(`checks.state.${check.state}`)})</span>
        </p>
        {check.reason !== undefined && <p className={styles['reason']}>{check.reason}</p>}
      </div>
    </li>
  );
}
