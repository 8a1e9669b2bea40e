import { useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { NO_FILE } from '#protocol';

import { Button } from '../design/button.tsx';
import { Icon, type IconName } from '../design/icons.tsx';
import type { EditorDesk } from './desk.ts';
import type { LocalFile } from './dropped-files.ts';
import styles from './file-panel.module.css';
import { FileTree } from './file-tree.tsx';
import type { FilesClient } from './files-client.ts';
import { type FolderStore, nameOf } from './folder-store.ts';
import { PathQuestion, Question } from './question.tsx';

type Asking = 'file' | 'folder' | 'rename' | 'delete';

/** The tree of files with everything that can be done to them, by buttons too. */
export function FilePanel(props: {
  readonly store: FolderStore;
  readonly desk: EditorDesk;
  readonly client: FilesClient;
  readonly front: string | undefined;
  readonly isOnline: boolean;
  readonly onOpen: (path: string, isNew: boolean) => void;
  readonly onUpload: (files: readonly LocalFile[]) => void;
}) {
  const { t } = useTranslation();
  const { store, client, isOnline } = props;
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [asking, setAsking] = useState<Asking>();
  const input = useRef<HTMLInputElement>(null);
  const { chosen } = state;

  const tool = (icon: IconName, name: string, use: () => void, isUsable = isOnline) => (
    <Button kind="icon" aria-label={name} isDisabled={!isUsable} onPress={use}>
      <Icon name={icon} />
    </Button>
  );
  return (
    <div className={styles['panel']}>
      <div className={styles['tools']} role="toolbar" aria-label={t('editor.files')}>
        {tool('newFile', t('editor.newFile'), () => setAsking('file'))}
        {tool('newFolder', t('editor.newFolder'), () => setAsking('folder'))}
        {tool('upload', t('editor.upload'), () => input.current?.click())}
        {tool(
          'download',
          t('editor.download'),
          () => download(client, chosen?.path),
          isOnline && !!chosen,
        )}
        {tool('pencil', t('editor.rename'), () => setAsking('rename'), isOnline && !!chosen)}
        {tool('bin', t('editor.delete'), () => setAsking('delete'), isOnline && !!chosen)}
        {tool('reload', t('editor.refresh'), () => void store.refresh())}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            props.onUpload(files.map((file) => ({ path: file.name, file })));
            // The same file can be chosen again.
            event.target.value = '';
          }}
        />
      </div>
      {asking && <Asked {...props} asking={asking} onDone={() => setAsking(undefined)} />}
      <FileTree
        store={store}
        state={state}
        front={props.front}
        onOpen={(path) => props.onOpen(path, false)}
        downloadAddress={(path) => client.downloadAddress(path)}
      />
    </div>
  );
}

function Asked(
  props: Parameters<typeof FilePanel>[0] & {
    readonly asking: Asking;
    readonly onDone: () => void;
  },
) {
  const { t } = useTranslation();
  const { store, client, desk, asking, onDone } = props;
  const { chosen } = store.state();
  if (asking === 'delete') {
    const path = chosen?.path ?? '';
    return (
      <Question isAlert sentence={t('editor.deleteAsk', { name: nameOf(path) })}>
        <Button
          onPress={() => {
            onDone();
            void store.during(() => client.delete(path));
          }}
        >
          {t('editor.delete')}
        </Button>
        <Button autoFocus onPress={onDone}>
          {t('editor.cancel')}
        </Button>
      </Question>
    );
  }
  const carryOut = async (path: string) => {
    if (asking === 'rename' && chosen) {
      const moved = await client.move(chosen.path, path);
      desk.moved(chosen.path, moved.path);
      store.choose(moved.path, chosen.type);
    } else if (asking === 'folder') {
      const made = await client.makeFolder(path);
      store.choose(made.path, 'folder');
    } else {
      const made = await client.write(path, NO_FILE, '');
      store.choose(made.path, 'file');
      props.onOpen(made.path, false);
    }
  };
  return (
    <PathQuestion
      key={asking}
      sentence={t(`editor.nameOf.${asking}`)}
      start={asking === 'rename' ? (chosen?.path ?? '') : `${store.target}/`}
      onAnswer={(path) => {
        onDone();
        void store.during(() => carryOut(path));
      }}
      onCancel={onDone}
    />
  );
}

/** A link that is pressed at once: the browser saves, the page stays. */
function download(client: FilesClient, path: string | undefined): void {
  if (path === undefined) return;
  const link = document.createElement('a');
  link.href = client.downloadAddress(path);
  link.download = '';
  link.click();
}
