import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { problemText } from '../frame/problem-text.ts';
import type { DeskState, EditorDesk } from './desk.ts';
import { type FolderStore, nameOf } from './folder-store.ts';
import { Question } from './question.tsx';
import type { Uploads } from './uploads.ts';

/** What stands in the way, and what is on its way, above the text. */
export function Notices(props: {
  readonly desk: EditorDesk;
  readonly state: DeskState;
  readonly folders: FolderStore;
  readonly uploads: Uploads;
  readonly isOnline: boolean;
}) {
  const { t } = useTranslation();
  const { desk, state, folders, uploads } = props;
  const { problem } = useSyncExternalStore(folders.subscribe, folders.state);
  const upload = useSyncExternalStore(uploads.subscribe, uploads.state);
  const front = state.files.find(({ path }) => path === state.front);
  const name = front ? nameOf(front.path) : '';

  return (
    <>
      {!props.isOnline && <Question sentence={t('editor.offline')}>{undefined}</Question>}
      {front?.hasConflict && (
        <Question isAlert sentence={t('editor.conflict', { name })}>
          <Button onPress={() => void desk.save(front.path, { isForced: true })}>
            {t('editor.keepMine')}
          </Button>
          <Button onPress={() => void desk.reload(front.path)}>{t('editor.takeTheirs')}</Button>
        </Question>
      )}
      {front?.problem && (
        <Question
          isAlert
          sentence={`${t('editor.cannotSave', { name })}: ${problemText(front.problem, t)}`}
        >
          <Button onPress={() => void desk.save(front.path)}>{t('problem.retry')}</Button>
        </Question>
      )}
      {state.problem && (
        <Question
          isAlert
          sentence={`${t('editor.cannotOpen', { path: state.problem.path })}: ${problemText(state.problem.problem, t)}`}
        >
          <Button onPress={() => desk.dismiss()}>{t('editor.ok')}</Button>
        </Question>
      )}
      {problem && (
        <Question isAlert sentence={problemText(problem, t)}>
          <Button onPress={() => folders.dismiss()}>{t('editor.ok')}</Button>
        </Question>
      )}
      {upload.question && <OverwriteQuestion question={upload.question} />}
      {upload.current && !upload.question && (
        <Question sentence={t('editor.uploading', upload.current)}>
          <progress value={upload.current.number - 1} max={upload.current.count} />
        </Question>
      )}
      {upload.refused.length > 0 && (
        <Question
          isAlert
          sentence={upload.refused
            .map((one) => `${nameOf(one.name)}: ${problemText(one.problem, t)}`)
            .join(' ')}
        >
          <Button onPress={() => uploads.dismiss()}>{t('editor.ok')}</Button>
        </Question>
      )}
    </>
  );
}

function OverwriteQuestion({
  question: { name, answer },
}: {
  readonly question: NonNullable<ReturnType<Uploads['state']>['question']>;
}) {
  const { t } = useTranslation();
  return (
    <Question isAlert sentence={t('editor.overwriteAsk', { name: nameOf(name) })}>
      <Button onPress={() => answer('replace')}>{t('editor.replace')}</Button>
      <Button onPress={() => answer('replace-all')}>{t('editor.replaceAll')}</Button>
      <Button onPress={() => answer('skip')}>{t('editor.skip')}</Button>
      <Button onPress={() => answer('stop')}>{t('editor.stop')}</Button>
    </Question>
  );
}
