import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { showMessage } from '../frame/messages.tsx';
import { copyText } from '../lesson/clipboard.ts';
import type { Screen } from './screen.ts';
import styles from './text-view.module.css';

/** All output as plain text, for screen readers, for finding with the browser and for copying. */
export function TextView(props: {
  readonly screen: Screen;
  readonly number: number;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { screen, number, onClose } = props;
  const [text, setText] = useState(() => screen.text());
  const page = useRef<HTMLPreElement>(null);
  const label = t('terminal.text.label', { number });

  useEffect(() => {
    // What one came for is at the end.
    page.current?.scrollTo({ top: page.current.scrollHeight });
    page.current?.focus();
  }, [text]);

  const copy = async () => {
    const isCopied = await copyText(text);
    showMessage(t(isCopied ? 'lesson.copied' : 'lesson.notCopied'));
  };
  return (
    <section
      className={styles['view']}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className={styles['bar']}>
        <Button onPress={() => setText(screen.text())}>{t('terminal.text.refresh')}</Button>
        <Button onPress={() => void copy()}>{t('terminal.text.copy')}</Button>
        <Button kind="primary" onPress={onClose}>
          {t('terminal.text.close')}
        </Button>
      </div>
      <pre ref={page} tabIndex={0} role="document" aria-label={label}>
        {text}
      </pre>
    </section>
  );
}
