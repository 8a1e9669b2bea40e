import { useState, useSyncExternalStore } from 'react';
import { Tab, TabList, TabPanel, TabPanels, Tabs } from 'react-aria-components/Tabs';
import { useTranslation } from 'react-i18next';

import type { ProblemView, TabView } from '#protocol';

import { Button } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
import { droppedFiles, hasFiles } from '../editor/dropped-files.ts';
import { EDITOR_TAB, type EditorDoor } from '../editor/editor-door.ts';
import { EditorTab } from '../editor/editor-tab.tsx';
import { readKept, writeKept } from '../frame/kept.ts';
import { Notice } from '../frame/notice.tsx';
import { problemText } from '../frame/problem-text.ts';
import type { Link } from '../session/session-state.ts';
import type { Deck, Slot } from '../terminal/deck.ts';
import { KeyBar } from '../terminal/key-bar.tsx';
import { TerminalView } from '../terminal/terminal-view.tsx';
import { TerminalTools } from './terminal-tools.tsx';
import { WebTab } from './web-tab.tsx';
import styles from './workspace.module.css';

/** The learner's terminals, and the web pages of their cluster. */
export function Workspace(props: {
  readonly deck: Deck;
  readonly session: string;
  readonly door: EditorDoor;
  /** Not asleep, so that the editor may look at its files. */
  readonly isAwake: boolean;
  readonly tabs: readonly TabView[];
  readonly link: Link;
  readonly problem: ProblemView | undefined;
  /** Measures the way to the server and back, in milliseconds. */
  readonly ping: () => Promise<number | undefined>;
}) {
  const { t } = useTranslation();
  const { deck, tabs, problem } = props;
  const { slots, selected } = useSyncExternalStore(deck.subscribe, deck.state);
  const [isForScreenReader, setForScreenReader] = useScreenReaderMode();
  const isOnline = props.link === 'online';

  return (
    <section
      id="workspace"
      className={styles['workspace']}
      tabIndex={-1}
      aria-label={t('lab.workspace')}
      onDragOver={(event) => {
        if (hasFiles(event.dataTransfer)) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!hasFiles(event.dataTransfer) || !isOnline) return;
        event.preventDefault();
        deck.select(EDITOR_TAB);
        void droppedFiles(event.dataTransfer).then((files) => props.door.upload(files));
      }}
    >
      {problem && (
        <div className={styles['problem']}>
          <Notice
            tone="bad"
            title={t('lab.refused')}
            action={<Button onPress={() => location.reload()}>{t('problem.reload')}</Button>}
          >
            {problemText(problem, t)}
          </Notice>
        </div>
      )}
      <Tabs
        className={styles['tabs'] ?? ''}
        selectedKey={selected}
        onSelectionChange={(key) => deck.select(String(key))}
      >
        <div className={styles['bar']}>
          <TabList aria-label={t('lab.tabs')} className={styles['list'] ?? ''}>
            {slots.map((slot, index) => (
              <Tab key={slot.key} id={slot.key} className={styles['tab'] ?? ''}>
                <Icon name="terminal" size={14} />
                <TerminalName slot={slot} number={index + 1} />
              </Tab>
            ))}
            <Tab id={EDITOR_TAB} className={styles['tab'] ?? ''}>
              <Icon name="pencil" size={14} />
              {t('editor.tab')}
            </Tab>
            {tabs.map(({ id, title }) => (
              <Tab key={id} id={`web-${id}`} className={styles['tab'] ?? ''}>
                <Icon name="globe" size={14} />
                {title}
              </Tab>
            ))}
          </TabList>
          <Button
            kind="icon"
            aria-label={t('terminal.add')}
            isDisabled={!isOnline}
            onPress={() => deck.add()}
          >
            <Icon name="plus" />
          </Button>
          <span className={styles['gap']} />
          <TerminalTools
            deck={deck}
            isForScreenReader={isForScreenReader}
            onScreenReader={setForScreenReader}
            ping={props.ping}
          />
        </div>
        <TabPanels className={styles['panels'] ?? ''}>
          {slots.map((slot, index) => (
            <TabPanel
              key={slot.key}
              id={slot.key}
              className={styles['panel'] ?? ''}
              shouldForceMount
            >
              <TerminalView
                slot={slot}
                number={index + 1}
                isOnline={isOnline}
                isInFront={selected === slot.key}
                isForScreenReader={isForScreenReader}
              />
              <KeyBar shell={slot.shell} />
            </TabPanel>
          ))}
          <TabPanel id={EDITOR_TAB} className={styles['panel'] ?? ''} shouldForceMount>
            <EditorTab
              session={props.session}
              door={props.door}
              isOnline={isOnline && props.isAwake}
              isInFront={selected === EDITOR_TAB}
            />
          </TabPanel>
          {tabs.map((tab) => (
            <TabPanel
              key={tab.id}
              id={`web-${tab.id}`}
              className={styles['panel'] ?? ''}
              shouldForceMount
            >
              <WebTab session={props.session} tab={tab} isInFront={selected === `web-${tab.id}`} />
            </TabPanel>
          ))}
        </TabPanels>
      </Tabs>
    </section>
  );
}

/** Which terminal it is; what its program calls itself shows under the pointer. */
function TerminalName({ slot, number }: { readonly slot: Slot; readonly number: number }) {
  const { t } = useTranslation();
  const { title } = useSyncExternalStore(slot.panel.subscribe, slot.panel.state);
  return <span title={title}>{t('terminal.title', { number })}</span>;
}

function useScreenReaderMode(): readonly [boolean, (isOn: boolean) => void] {
  const [isOn, setOn] = useState(() => readKept('screen-reader') === 'on');
  const change = (next: boolean) => {
    setOn(next);
    writeKept('screen-reader', next ? 'on' : undefined);
  };
  return [isOn, change];
}
