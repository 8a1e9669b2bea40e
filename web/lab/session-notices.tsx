import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { HomeState, SessionEnd, TimeView } from '#protocol';

import { Button } from '../design/button.tsx';
import { announce } from '../frame/messages.tsx';
import { useLocale } from '../language/use-locale.ts';
import { SessionNotice } from './session-notice.tsx';
import styles from './session-notices.module.css';
import { clockText, useNearEnd } from './time-left.ts';
import type { NearEnd } from './time-left.ts';

/** What the notices tell of, and what can be done about it. */
export interface SessionNews {
  readonly time: TimeView | undefined;
  /** Why the session sleeps or is gone; none while it goes on. */
  readonly ended: SessionEnd | undefined;
  readonly home: HomeState;
  /** Nothing confines the shell: the server was started so. */
  readonly isUnconfined: boolean;
  readonly onExtend: () => void;
  readonly onContinue: () => void;
}

/** The place for whatever concerns the whole session: one notice a line, none of which takes the focus. */
export function SessionNotices({ news }: { readonly news: SessionNews }) {
  return (
    <div className={styles['notices']} data-testid="session-notices">
      {news.ended ? (
        <EndedNotice why={news.ended} onContinue={news.onContinue} />
      ) : (
        <>
          {news.isUnconfined && <UnconfinedNotice />}
          <HomeNotice home={news.home} />
          <TimeNotice time={news.time} onExtend={news.onExtend} />
        </>
      )}
    </div>
  );
}

function UnconfinedNotice() {
  const { t } = useTranslation();
  return (
    <SessionNotice tone="warn" icon="warning">
      {t('lab.unconfined')}
    </SessionNotice>
  );
}

/** Stays while it is true: the learner can make room, or save what must not be lost elsewhere. */
function HomeNotice({ home }: { readonly home: HomeState }) {
  const { t } = useTranslation();
  const text = home === 'kept' ? undefined : t(`lab.home.${home}`);
  useEffect(() => void (text !== undefined && announce(text)), [text]);
  if (text === undefined) return undefined;
  return (
    <SessionNotice tone="warn" icon="warning">
      {text}
    </SessionNotice>
  );
}

function TimeNotice(props: { readonly time: TimeView | undefined; readonly onExtend: () => void }) {
  const { t } = useTranslation();
  const end = useNearEnd(props.time);
  useAnnouncement(end);
  if (!end) return undefined;
  const isLast = end.why === 'total' && props.time?.extensionsLeft === 0;
  return (
    <SessionNotice
      tone={end.seconds > 60 ? 'warn' : 'bad'}
      icon="clock"
      action={
        !isLast && (
          <Button onPress={props.onExtend}>
            {t(end.why === 'idle' ? 'lab.time.stay' : 'lab.time.extend')}
          </Button>
        )
      }
    >
      {t(`lab.time.${end.why}`, { left: clockText(end.seconds) })} {isLast && t('lab.time.noMore')}
    </SessionNotice>
  );
}

/** Said once when the notice appears and once in the last minute; the eye sees the seconds. */
function useAnnouncement(end: NearEnd | undefined): void {
  const { t } = useTranslation();
  const locale = useLocale();
  const minutes = end && (end.seconds > 60 ? 5 : 1);
  const why = end?.why;
  useEffect(() => {
    if (why === undefined || minutes === undefined) return;
    const unit = { style: 'unit', unit: 'minute', unitDisplay: 'long' } as const;
    const left = new Intl.NumberFormat(locale, unit).format(minutes);
    announce(t(`lab.time.${why}`, { left }));
  }, [why, minutes, locale, t]);
}

function EndedNotice(props: { readonly why: SessionEnd; readonly onContinue: () => void }) {
  const { t } = useTranslation();
  const { why } = props;
  const text = `${t(`lab.ended.${why}`)} ${why === 'restarted' ? '' : t('lab.ended.kept')}`.trim();
  useEffect(() => announce(text), [text]);
  return (
    <SessionNotice
      tone="info"
      icon="moon"
      action={
        <Button kind="primary" onPress={props.onContinue}>
          {t('lab.ended.continue')}
        </Button>
      }
    >
      {text}
    </SessionNotice>
  );
}
