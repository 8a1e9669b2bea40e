import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { copyText } from '../lesson/clipboard.ts';
import styles from './panel-question.module.css';
import type { Panel, PanelState } from './panel.ts';
import { onOneLine } from './paste.ts';
import type { Screen } from './screen.ts';

const SHOWN_LINES = 6;
const SHOWN_CHARACTERS = 400;

/** What the terminal asks of the learner before it goes on: a paste of several lines, or a program that wants the clipboard. */
export function PanelQuestion(props: {
  readonly panel: Panel;
  readonly state: PanelState;
  readonly screen: Screen;
}) {
  const { t } = useTranslation();
  const { panel, screen } = props;
  const { paste, clipboard } = props.state;
  if (paste !== undefined) {
    const answer = (text: string | undefined) => {
      panel.set({ paste: undefined });
      if (text !== undefined) screen.paste(text);
      screen.focus();
    };
    return (
      <Question sentence={t('terminal.pasteAsk')} text={paste} onCancel={() => answer(undefined)}>
        <Button autoFocus kind="primary" onPress={() => answer(paste)}>
          {t('terminal.pasteAll')}
        </Button>
        <Button onPress={() => answer(onOneLine(paste))}>{t('terminal.pasteOneLine')}</Button>
        <Button onPress={() => answer(undefined)}>{t('terminal.cancel')}</Button>
      </Question>
    );
  }
  if (clipboard === undefined) return undefined;
  const refuse = () => panel.refuseClipboard();
  const allow = () => {
    panel.set({ clipboard: undefined });
    void copyText(clipboard);
  };
  return (
    <Question
      sentence={t('terminal.clipboardAsk', { count: clipboard.length })}
      text={clipboard}
      onCancel={refuse}
    >
      <Button onPress={allow}>{t('terminal.clipboardAllow')}</Button>
      <Button onPress={refuse}>{t('terminal.clipboardRefuse')}</Button>
    </Question>
  );
}

function Question(props: {
  readonly sentence: string;
  readonly text: string;
  readonly children: React.ReactNode;
  readonly onCancel: () => void;
}) {
  return (
    <div
      className={styles['question']}
      role="group"
      aria-label={props.sentence}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onCancel();
      }}
    >
      <p role="status">{props.sentence}</p>
      <pre>{beginning(props.text)}</pre>
      <div className={styles['answers']}>{props.children}</div>
    </div>
  );
}

function beginning(text: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  const shown = lines.slice(0, SHOWN_LINES).join('\n').slice(0, SHOWN_CHARACTERS);
  return shown.length < text.length && lines.length > 1 ? `${shown}\n…` : shown;
}
