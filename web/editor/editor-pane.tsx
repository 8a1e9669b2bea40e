import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { announce, showMessage } from '../frame/messages.tsx';
import { ClusterSchemas } from './cluster-schemas.ts';
import { CodeView } from './code-view.tsx';
import { EditorDesk } from './desk.ts';
import { droppedFiles, hasFiles, type LocalFile } from './dropped-files.ts';
import type { EditorDoor } from './editor-door.ts';
import styles from './editor-pane.module.css';
import { FilePanel } from './file-panel.tsx';
import { FilesClient } from './files-client.ts';
import { FolderStore, nameOf } from './folder-store.ts';
import { Notices } from './notices.tsx';
import { OpenFiles } from './open-files.tsx';
import { Uploads } from './uploads.ts';

/** How often the file in front is compared with the sandbox's, while it can be seen. */
const LOOK_MS = 3_000;

/** Files on the left, the text of one on the right. */
export function EditorPane(props: {
  readonly session: string;
  readonly door: EditorDoor;
  readonly isOnline: boolean;
  readonly isInFront: boolean;
}) {
  const { t } = useTranslation();
  const { isOnline, isInFront, door } = props;
  const [parts] = useState(() => makeParts(props.session));
  const { client, desk, folders, uploads, schemas } = parts;
  const state = useSyncExternalStore(desk.subscribe, desk.state);
  const [isOver, setOver] = useState(false);
  const [isTreeShown, setTreeShown] = useState(true);
  const [focusCount, setFocusCount] = useState(0);
  const front = state.files.find(({ path }) => path === state.front);

  const open = useCallback(
    async (path: string, isNew = false) => {
      await desk.open(path, { isNew });
      setFocusCount((count) => count + 1);
    },
    [desk],
  );
  const send = useCallback(
    async (files: readonly LocalFile[]) => {
      const count = await uploads.send(files, folders.target);
      await folders.refresh();
      await desk.look();
      if (count > 0) showMessage(t('editor.uploaded', { count }));
    },
    [uploads, folders, desk, t],
  );
  const save = useCallback(
    async (path: string) => {
      await desk.save(path);
      const file = desk.state().files.find((one) => one.path === path);
      if (file && !file.hasConflict && !file.problem) {
        announce(t('editor.saved', { name: nameOf(path) }));
      }
    },
    [desk, t],
  );
  useStart(parts, isOnline);
  useDoor({ door, open, send, folders });
  useLooks(parts, isOnline && isInFront);

  return (
    <div
      className={styles['pane']}
      data-over={isOver || undefined}
      onKeyDown={(event) => {
        if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
        event.preventDefault();
        if (state.front !== undefined && isOnline) void save(state.front);
      }}
      onDragOver={(event) => {
        if (!hasFiles(event.dataTransfer)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setOver(false);
      }}
      onDropCapture={(event) => {
        setOver(false);
        if (!hasFiles(event.dataTransfer)) return;
        // Before the code view would put the names in as text.
        event.preventDefault();
        event.stopPropagation();
        if (isOnline) void droppedFiles(event.dataTransfer).then(send);
      }}
    >
      {isTreeShown && (
        <FilePanel
          store={folders}
          desk={desk}
          client={client}
          front={state.front}
          isOnline={isOnline}
          onOpen={(path, isNew) => void open(path, isNew)}
          onUpload={(files) => void send(files)}
        />
      )}
      <div className={styles['main']}>
        <OpenFiles
          desk={desk}
          state={state}
          isOnline={isOnline}
          isTreeShown={isTreeShown}
          onTree={() => setTreeShown(!isTreeShown)}
          onSave={(path) => save(path)}
        />
        <Notices
          desk={desk}
          state={state}
          folders={folders}
          uploads={uploads}
          isOnline={isOnline}
        />
        {front ? (
          <CodeView
            desk={desk}
            file={front}
            schemas={schemas}
            isReadOnly={!isOnline}
            focusCount={focusCount}
          />
        ) : (
          <div className={styles['empty']}>
            <p className={styles['title']}>{t('editor.empty')}</p>
            <p>{t('editor.emptyHint')}</p>
          </div>
        )}
      </div>
      {isOver && <p className={styles['drop']}>{t('editor.drop', { folder: folders.target })}</p>}
    </div>
  );
}

type Parts = ReturnType<typeof makeParts>;

function makeParts(session: string) {
  const client = new FilesClient(session);
  return {
    client,
    desk: new EditorDesk(client, session),
    folders: new FolderStore(client),
    uploads: new Uploads(client),
    schemas: new ClusterSchemas(client),
  };
}

/** Reads the home, and takes up unsaved text, once there is a server to ask. */
function useStart({ desk, folders }: Parts, isOnline: boolean): void {
  const hasStarted = useRef(false);
  useEffect(() => {
    if (!isOnline || hasStarted.current) return;
    hasStarted.current = true;
    void folders.refresh();
    void desk.restore();
  }, [isOnline, desk, folders]);
}

/** Does what the lesson and the terminals ask for. */
function useDoor({
  door,
  open,
  send,
  folders,
}: {
  readonly door: EditorDoor;
  readonly open: (path: string, isNew: boolean) => Promise<void>;
  readonly send: (files: readonly LocalFile[]) => Promise<void>;
  readonly folders: FolderStore;
}): void {
  const request = useSyncExternalStore(door.subscribe, door.state);
  const done = useRef(0);
  useEffect(() => {
    if (!request || request.number === done.current) return;
    done.current = request.number;
    if (request.type === 'upload') void send(request.files);
    else void open(request.path, true).then(() => folders.refresh());
  }, [request, open, send, folders]);
}

/** Follows what the shell does to the files, while somebody can see it. */
function useLooks({ desk, folders }: Parts, isShown: boolean): void {
  useEffect(() => {
    if (!isShown) return undefined;
    const look = () => {
      if (document.visibilityState === 'visible') void desk.look();
    };
    const refresh = () => void folders.refresh();
    look();
    refresh();
    const timer = setInterval(look, LOOK_MS);
    addEventListener('focus', refresh);
    return () => {
      clearInterval(timer);
      removeEventListener('focus', refresh);
    };
  }, [desk, folders, isShown]);
}
