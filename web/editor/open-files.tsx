import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import { type DeskState, type EditorDesk, isUnsaved } from './desk.ts';
import { nameOf } from './folder-store.ts';
import styles from './open-files.module.css';
import { Question } from './question.tsx';

/** The open files, which of them is in front, and saving it. */
export function OpenFiles(props: {
  readonly desk: EditorDesk;
  readonly state: DeskState;
  readonly isOnline: boolean;
  readonly isTreeShown: boolean;
  readonly onTree: () => void;
  readonly onSave: (path: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const { desk, state, isOnline } = props;
  const [closing, setClosing] = useState<string>();
  const front = state.files.find(({ path }) => path === state.front);
  const asked = state.files.find(({ path }) => path === closing);

  return (
    <>
      <div className={styles['bar']}>
        <Button
          kind="icon"
          aria-label={t('editor.showFiles')}
          aria-expanded={props.isTreeShown}
          onPress={props.onTree}
        >
          <Icon name="files" />
        </Button>
        <ul className={styles['files']} aria-label={t('editor.open')}>
          {state.files.map((file) => (
            <li key={file.path} className={cx(styles['file'], file === front && styles['front'])}>
              <button
                type="button"
                className={styles['name']}
                aria-current={file === front || undefined}
                title={file.path}
                onClick={() => void desk.open(file.path)}
              >
                {nameOf(file.path)}
                {isUnsaved(file) && (
                  <span className={styles['unsaved']} role="img" aria-label={t('editor.unsaved')} />
                )}
              </button>
              <button
                type="button"
                className={styles['close']}
                aria-label={t('editor.close', { name: nameOf(file.path) })}
                onClick={() => (isUnsaved(file) ? setClosing(file.path) : desk.close(file.path))}
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
        {front && (
          <Button
            kind="quiet"
            isDisabled={!isOnline || front.isSaving || (!isUnsaved(front) && !front.hasConflict)}
            onPress={() => void props.onSave(front.path)}
          >
            {t(front.isSaving ? 'editor.saving' : 'editor.save')}
          </Button>
        )}
      </div>
      {asked && (
        <Question sentence={t('editor.closeAsk', { name: nameOf(asked.path) })}>
          <Button
            kind="primary"
            isDisabled={!isOnline}
            onPress={() => {
              setClosing(undefined);
              void props.onSave(asked.path).then(() => closeSaved(desk, asked.path));
            }}
          >
            {t('editor.saveAndClose')}
          </Button>
          <Button
            onPress={() => {
              setClosing(undefined);
              desk.close(asked.path);
            }}
          >
            {t('editor.discard')}
          </Button>
          <Button onPress={() => setClosing(undefined)}>{t('editor.cancel')}</Button>
        </Question>
      )}
    </>
  );
}

/** What could not be saved stays. */
function closeSaved(desk: EditorDesk, path: string): void {
  const file = desk.state().files.find((one) => one.path === path);
  if (file && !isUnsaved(file)) desk.close(path);
}
