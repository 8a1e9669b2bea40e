import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import type { LabView, SessionView } from '#protocol';

import type { ProblemError } from '../api/http.ts';
import { ProblemNotice } from '../frame/problem-notice.tsx';
import { useLocale } from '../language/use-locale.ts';
import type { Place } from '../routing/address.ts';
import { LabConnection } from '../session/lab-connection.ts';
import { Deck } from '../terminal/deck.ts';
import { Workspace } from '../workspace/workspace.tsx';
import { LabLayout } from './lab-layout.tsx';
import styles from './lab-with-session.module.css';

interface Live {
  readonly connection: LabConnection;
  readonly deck: Deck;
}

/** A lab with its session: the connection and the terminals live exactly as long as this page is shown. */
export function LabWithSession(props: {
  readonly lab: LabView;
  readonly session: SessionView;
  readonly wanted: Place | undefined;
}) {
  const live = useLive(props.session.id);
  return live && <LiveLab {...props} live={live} />;
}

function LiveLab({
  lab,
  session,
  wanted,
  live: { connection, deck },
}: {
  readonly lab: LabView;
  readonly session: SessionView;
  readonly wanted: Place | undefined;
  readonly live: Live;
}) {
  const state = useSyncExternalStore(connection.subscribe, connection.state);
  const terminals = state.session?.terminals;
  useEffect(() => {
    if (terminals) deck.joined(terminals);
  }, [deck, terminals]);

  return (
    <LabLayout
      lab={lab}
      wanted={wanted}
      live={{
        session: state.session ?? session,
        link: state.link,
        connection,
        deck,
        news: {
          time: undefined,
          ended: undefined,
          onExtend: () => undefined,
          onContinue: () => location.reload(),
        },
      }}
      workspace={
        <Workspace
          deck={deck}
          session={session.id}
          tabs={lab.tabs}
          link={state.link}
          problem={state.problem}
        />
      }
    />
  );
}

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

function useLive(session: string): Live | undefined {
  const locale = useLocale();
  const [firstLocale] = useState(locale);
  const [live, setLive] = useState<Live>();

  useEffect(() => {
    const connection = new LabConnection({
      session,
      locale: firstLocale,
      onTerminalOpened: (terminal) => deck.opened(terminal),
    });
    const deck = new Deck(connection);
    setLive({ connection, deck });
    return () => {
      deck[Symbol.dispose]();
      connection[Symbol.dispose]();
    };
  }, [session, firstLocale]);

  useEffect(() => live?.connection.setLocale(locale), [live, locale]);
  return live;
}
