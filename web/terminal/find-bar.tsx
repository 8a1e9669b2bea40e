import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
import styles from './find-bar.module.css';
import type { ScreenSearch, SearchResult } from './screen-search.ts';

/** Looks for text in a terminal. Enter goes on, Shift+Enter back, Escape returns to the terminal. */
export function FindBar(props: { readonly search: ScreenSearch; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { search, onClose } = props;
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isCaseSensitive, setCaseSensitive] = useState(false);
  const [isPattern, setPattern] = useState(false);
  const [result, setResult] = useState<SearchResult>({ index: -1, count: 0 });
  const query = { text, isCaseSensitive, isPattern };

  useEffect(() => field.current?.focus(), []);
  useEffect(() => search.onResult(setResult), [search]);
  useEffect(() => () => search.end(), [search]);
  useEffect(() => {
    const isFound = search.find({ text, isCaseSensitive, isPattern }, 'previous');
    if (!isFound) setResult({ index: -1, count: 0 });
  }, [search, text, isCaseSensitive, isPattern]);

  return (
    <div
      role="search"
      aria-label={t('terminal.find.label')}
      className={styles['bar']}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <input
        ref={field}
        type="text"
        aria-label={t('terminal.find.label')}
        placeholder={t('terminal.find.label')}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') search.find(query, event.shiftKey ? 'previous' : 'next');
        }}
      />
      <output className={styles['count']}>{countText()}</output>
      <Toggle
        label={t('terminal.find.case')}
        face="Aa"
        isOn={isCaseSensitive}
        onChange={setCaseSensitive}
      />
      <Toggle label={t('terminal.find.pattern')} face=".*" isOn={isPattern} onChange={setPattern} />
      <Button
        kind="icon"
        aria-label={t('terminal.find.previous')}
        onPress={() => search.find(query, 'previous')}
      >
        <Icon name="up" />
      </Button>
      <Button
        kind="icon"
        aria-label={t('terminal.find.next')}
        onPress={() => search.find(query, 'next')}
      >
        <Icon name="chevron" />
      </Button>
      <Button kind="icon" aria-label={t('terminal.find.close')} onPress={onClose}>
        <Icon name="close" />
      </Button>
    </div>
  );

  function countText(): string {
    const { index, count } = result;
    if (text === '') return '';
    if (count === 0) return t('terminal.find.none');
    if (index < 0) return t('terminal.find.many', { count });
    return t('terminal.find.count', { number: index + 1, count });
  }
}

function Toggle(props: {
  readonly label: string;
  readonly face: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  return (
    <button
      type="button"
      className={styles['toggle']}
      aria-label={props.label}
      aria-pressed={props.isOn}
      title={props.label}
      onClick={() => props.onChange(!props.isOn)}
    >
      {props.face}
    </button>
  );
}
