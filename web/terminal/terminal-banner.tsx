import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { problemText } from '../frame/problem-text.ts';
import type { Shell, ShellState } from './shell.ts';
import styles from './terminal-banner.module.css';

/** What stands between the learner and the shell, in a strip over the screen that stays readable. */
export function TerminalBanner(props: {
  readonly shell: Shell;
  readonly state: ShellState;
  readonly isOnline: boolean;
}) {
  const { t } = useTranslation();
  const { shell, state, isOnline } = props;
  const again = (
    <Button isDisabled={!isOnline} onPress={() => void shell.open()}>
      {t('terminal.newShell')}
    </Button>
  );
  if (state.problem) {
    return (
      <Strip tone="bad" action={again}>
        {t('terminal.noShell')} {problemText(state.problem, t)}
      </Strip>
    );
  }
  if (state.phase === 'ended') {
    return (
      <Strip tone="plain" action={again}>
        {state.exit === undefined
          ? t('terminal.ended')
          : t('terminal.endedWith', { code: state.exit.code })}
      </Strip>
    );
  }
  if (state.phase === 'detached') {
    return (
      <Strip tone="warn">
        {t('terminal.reconnecting')}{' '}
        {state.keptCharacters > 0 && t('terminal.kept', { count: state.keptCharacters })}
      </Strip>
    );
  }
  return undefined;
}

function Strip(props: {
  readonly tone: 'plain' | 'warn' | 'bad';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={cx(styles['strip'], styles[props.tone])} role="status">
      <p>{props.children}</p>
      {props.action}
    </div>
  );
}
