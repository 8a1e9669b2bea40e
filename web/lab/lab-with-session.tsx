import type { TFunction } from 'i18next';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import type { LabView, SessionView } from '#protocol';

import { EditorDoor } from '../editor/editor-door.ts';
import { showMessage } from '../frame/messages.tsx';
import { problemText } from '../frame/problem-text.ts';
import { useLocale } from '../language/use-locale.ts';
import type { Place } from '../routing/address.ts';
import { LabConnection } from '../session/lab-connection.ts';
import { Deck } from '../terminal/deck.ts';
import { Workspace } from '../workspace/workspace.tsx';
import { tellActivity } from './activity.ts';
import { LabLayout } from './lab-layout.tsx';

interface Live {
  readonly connection: LabConnection;
  readonly deck: Deck;
  readonly door: EditorDoor;
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
  live: { connection, deck, door },
}: {
  readonly lab: LabView;
  readonly session: SessionView;
  readonly wanted: Place | undefined;
  readonly live: Live;
}) {
  const { t } = useTranslation();
  const state = useSyncExternalStore(connection.subscribe, connection.state);
  const terminals = state.session?.terminals;
  const ping = useCallback(() => connection.ping(), [connection]);
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
        door,
        news: {
          time: state.time,
          ended: state.ended,
          home: (state.session ?? session).home,
          isUnconfined: session.sandbox === 'none',
          onExtend: () => void extend(connection, t),
          // One that was begun anew has another id.
          onContinue: () => (state.ended === 'restarted' ? location.reload() : connection.rejoin()),
        },
      }}
      workspace={
        <Workspace
          deck={deck}
          session={session.id}
          door={door}
          isAwake={state.ended === undefined}
          tabs={lab.tabs}
          link={state.link}
          problem={state.problem}
          ping={ping}
        />
      }
    />
  );
}

async function extend(connection: LabConnection, t: TFunction): Promise<void> {
  const answer = await connection.extend();
  if (!answer.ok) showMessage(problemText(answer.problem, t));
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
    setLive({ connection, deck, door: new EditorDoor() });
    const stop = new AbortController();
    // A page that the browser keeps for the way back has not gone.
    const leave = (event: PageTransitionEvent) => event.persisted || connection.leave();
    addEventListener('pagehide', leave, { signal: stop.signal });
    tellActivity(() => connection.active(), stop.signal);
    return () => {
      stop.abort();
      connection.leave();
      deck[Symbol.dispose]();
      connection[Symbol.dispose]();
    };
  }, [session, firstLocale]);

  useEffect(() => live?.connection.setLocale(locale), [live, locale]);
  return live;
}
