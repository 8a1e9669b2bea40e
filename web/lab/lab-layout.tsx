import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { LabView, ProgressView, SessionView } from '#protocol';

import { cx } from '../design/class-names.ts';
import { EDITOR_TAB, type EditorDoor } from '../editor/editor-door.ts';
import { showMessage } from '../frame/messages.tsx';
import { copyText } from '../lesson/clipboard.ts';
import type { RunAction } from '../lesson/lesson-action.ts';
import { LessonPane } from '../lesson/lesson-pane.tsx';
import { labAddress } from '../routing/address.ts';
import type { Place } from '../routing/address.ts';
import { navigate } from '../routing/navigation.tsx';
import type { LabConnection } from '../session/lab-connection.ts';
import type { Link } from '../session/session-state.ts';
import type { Deck } from '../terminal/deck.ts';
import { LabHeader } from './lab-header.tsx';
import styles from './lab-layout.module.css';
import { usePaneCycle } from './pane-cycle.ts';
import { placesOf, placeToShow } from './place.ts';
import type { SessionNews } from './session-notices.tsx';
import { SessionNotices } from './session-notices.tsx';
import { SkipLinks } from './skip-links.tsx';
import { Splitter, useSplit } from './splitter.tsx';
import { ViewSwitch } from './view-switch.tsx';
import type { LabSide } from './view-switch.tsx';

/** What works only with a session. */
export interface LiveParts {
  readonly session: SessionView;
  readonly link: Link;
  readonly connection: LabConnection;
  readonly deck: Deck;
  readonly door: EditorDoor;
  readonly news: SessionNews;
}

/** Header, lesson and workspace: side by side, or one at a time on a phone. */
export function LabLayout(props: {
  readonly lab: LabView;
  readonly wanted: Place | undefined;
  readonly live?: LiveParts;
  readonly workspace: ReactNode;
}) {
  const { lab, wanted, live } = props;
  const [side, setSide] = useState<LabSide>('lesson');
  const [split, setSplit] = useSplit();
  const panes = useRef<HTMLDivElement>(null);
  const progress = useProgress(lab, live);
  const isLive = live !== undefined;
  const place = useMemo(() => {
    // Without a session everything is open: then one begins to read at the beginning.
    const first = isLive ? undefined : placesOf(lab)[0];
    return placeToShow(wanted ?? first, lab, progress);
  }, [wanted, lab, progress, isLive]);
  const act = useLessonActions(live, () => setSide('workspace'));
  usePaneCycle(live?.deck, setSide);

  const address = labAddress(lab.id, place);
  useEffect(() => {
    // Where the work goes on is known with the session.
    if (isLive) navigate(address, { isReplacing: true });
  }, [address, isLive]);

  return (
    <div className={styles['lab']}>
      <SkipLinks onChoose={setSide} deck={live?.deck} />
      <LabHeader
        lab={lab}
        progress={live && progress}
        cluster={live?.session.cluster}
        link={live?.link}
      />
      {live && <SessionNotices news={live.news} />}
      <div
        ref={panes}
        className={cx(styles['panes'], styles[`on-${side}`])}
        style={{ '--split': `${split}%` }}
      >
        <LessonPane
          lab={lab}
          place={place}
          progress={progress}
          connection={live?.connection}
          isOnline={live?.link === 'online'}
          onAction={act}
        >
          <Splitter within={panes} split={split} onChange={setSplit} />
        </LessonPane>
        <div className={styles['workspace']}>{props.workspace}</div>
      </div>
      <ViewSwitch side={side} onChange={setSide} />
    </div>
  );
}

/** Without a session everything may be read. */
function useProgress(lab: LabView, live: LiveParts | undefined): ProgressView {
  const stepCount = lab.steps.length;
  const open = useMemo(() => ({ unlockedStep: stepCount, steps: [] }), [stepCount]);
  return live?.session.progress ?? open;
}

function useLessonActions(
  live: Pick<LiveParts, 'deck' | 'door'> | undefined,
  onWorkspace: () => void,
): RunAction {
  const { t } = useTranslation();
  return async (action, { isByPointer, onState }) => {
    if (action.type === 'copy') {
      const isCopied = await copyText(action.text);
      showMessage(isCopied ? t('lesson.copied') : t('lesson.notCopied'));
      return isCopied;
    }
    if (action.type === 'open') {
      if (!live) {
        showMessage(t('lesson.noTerminal'));
        return false;
      }
      live.door.open(action.path);
      live.deck.select(EDITOR_TAB);
      onWorkspace();
      return true;
    }
    const slot = live?.deck.run(action, onState);
    if (!slot) {
      showMessage(t(live ? 'lesson.terminalBusy' : 'lesson.noTerminal'));
      return false;
    }
    onWorkspace();
    // Who uses the keyboard stays at the button; a pointer's next target is the terminal. On a phone the keyboard
    // that comes with the focus would cover the output.
    if (isByPointer && matchMedia('(pointer: fine)').matches) slot.shell.focus();
    return true;
  };
}
