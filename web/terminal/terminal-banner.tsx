import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { TerminalExitView, TerminalNotice } from '#protocol';

import { Button } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { problemText } from '../frame/problem-text.ts';
import type { Shell, ShellState } from './shell.ts';
import styles from './terminal-banner.module.css';

const KB = 1_000;
const GB = 1_000_000_000;

/** What stands between the learner and the shell, in a strip over the screen that stays readable. */
export function TerminalBanner(props: {
  readonly shell: Shell;
  readonly state: ShellState;
  readonly isOnline: boolean;
}) {
  const { t, i18n } = useTranslation();
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
        {exitText(state.exit, t)}
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
  if (state.role === 'reader') {
    return (
      <Strip
        tone="plain"
        action={
          <Button isDisabled={!isOnline} onPress={() => shell.take()}>
            {t('terminal.take')}
          </Button>
        }
      >
        {t('terminal.reader')}
      </Strip>
    );
  }
  if (state.isHeldUp) {
    return (
      <Strip
        tone="plain"
        action={
          <>
            <Button kind="primary" onPress={() => shell.commands.interrupt()}>
              {t('terminal.stopFirst')}
            </Button>
            <Button onPress={() => shell.commands.typeAnyway()}>{t('terminal.typeAnyway')}</Button>
            <Button onPress={() => shell.commands.drop()}>{t('terminal.dropCommand')}</Button>
          </>
        }
      >
        {t('terminal.heldUp')}
      </Strip>
    );
  }
  if (state.notice) {
    return (
      <Strip
        tone="warn"
        action={<Button onPress={() => shell.dismissNotice()}>{t('terminal.dismiss')}</Button>}
      >
        {noticeText(state.notice, { t, locale: i18n.language })}
      </Strip>
    );
  }
  return undefined;
}

function exitText(exit: TerminalExitView | undefined, t: TFunction): string {
  if (!exit) return t('terminal.ended');
  if (exit.reason !== 'exit') return t(`terminal.reason.${exit.reason}`);
  if (exit.signal) return t('terminal.endedBy', { signal: exit.signal });
  return t('terminal.endedWith', { code: exit.code });
}

function noticeText(
  { type, bytes }: TerminalNotice,
  { t, locale }: { readonly t: TFunction; readonly locale: string },
): string {
  const [unit, size] = bytes >= GB ? ['gigabyte', bytes / GB] : ['kilobyte', bytes / KB];
  const style = { style: 'unit', unit, maximumFractionDigits: 0 } as const;
  const text = new Intl.NumberFormat(locale, style).format(Math.max(1, size));
  return t(type === 'output' ? 'terminal.muchOutput' : 'terminal.inputLost', { size: text });
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
