import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import styles from './question.module.css';

/** A sentence with the answers to it, in a strip above the files. */
export function Question(props: {
  readonly sentence: string;
  readonly children: ReactNode;
  readonly isAlert?: boolean;
}) {
  return (
    <div
      className={styles['question']}
      role={props.isAlert ? 'alert' : 'group'}
      aria-label={props.sentence}
    >
      <p className={styles['sentence']}>{props.sentence}</p>
      <div className={styles['answers']}>{props.children}</div>
    </div>
  );
}

/** Asks for a path. */
export function PathQuestion(props: {
  readonly sentence: string;
  readonly start: string;
  readonly onAnswer: (path: string) => void;
  readonly onCancel: () => void;
}) {
  const { t } = useTranslation();
  const [path, setPath] = useState(props.start);
  const id = useId();
  return (
    <form
      className={styles['question']}
      onSubmit={(event) => {
        event.preventDefault();
        if (path.trim() !== '') props.onAnswer(path.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onCancel();
      }}
    >
      <label className={styles['sentence']} htmlFor={id}>
        {props.sentence}
      </label>
      <input
        id={id}
        className={styles['path']}
        value={path}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        ref={(input) => input?.focus()}
        onChange={(event) => setPath(event.target.value)}
      />
      <div className={styles['answers']}>
        <Button type="submit" kind="primary">
          {t('editor.ok')}
        </Button>
        <Button onPress={props.onCancel}>{t('editor.cancel')}</Button>
      </div>
    </form>
  );
}
