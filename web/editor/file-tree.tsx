import { useTranslation } from 'react-i18next';

import type { FileEntry } from '#protocol';

import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import styles from './file-tree.module.css';
import { type FolderState, type FolderStore, within } from './folder-store.ts';

/** The learner's files: folders open in place, files open in the editor. */
export function FileTree(props: {
  readonly store: FolderStore;
  readonly state: FolderState;
  readonly front: string | undefined;
  readonly onOpen: (path: string) => void;
  readonly downloadAddress: (path: string) => string;
}) {
  const { t } = useTranslation();
  const { home } = props.state;
  return (
    <nav className={styles['tree']} aria-label={t('editor.files')}>
      {home !== undefined && <Folder {...props} path={home} />}
    </nav>
  );
}

type FolderProps = Parameters<typeof FileTree>[0] & { readonly path: string };

function Folder(props: FolderProps) {
  const { t } = useTranslation();
  const view = props.state.folders.get(props.path);
  if (!view) return undefined;
  return (
    <ul className={styles['folder']}>
      {view.entries.map((entry) => (
        <Entry key={entry.name} {...props} entry={entry} path={within(props.path, entry.name)} />
      ))}
      {view.entries.length === 0 && <li className={styles['note']}>{t('editor.emptyFolder')}</li>}
      {view.isCut && <li className={styles['note']}>{t('editor.cut')}</li>}
    </ul>
  );
}

function Entry({ entry, ...props }: FolderProps & { readonly entry: FileEntry }) {
  const { store, state, path, front, onOpen } = props;
  const isFolder = entry.type === 'folder';
  const isOpen = isFolder && state.open.has(path);
  return (
    <li>
      <button
        type="button"
        className={cx(styles['entry'], state.chosen?.path === path && styles['chosen'])}
        aria-expanded={isFolder ? isOpen : undefined}
        aria-current={front === path || undefined}
        draggable
        title={path}
        onClick={() => {
          store.choose(path, entry.type);
          if (isFolder) void store.toggle(path);
          else onOpen(path);
        }}
        onDragStart={(event) => {
          // Chromium saves what is dragged to the desktop from this address; others drag the path as text.
          const address = new URL(props.downloadAddress(path), location.href).href;
          const name = (isFolder ? `${entry.name}.tar.gz` : entry.name).replaceAll(':', '_');
          event.dataTransfer.setData('DownloadURL', `application/octet-stream:${name}:${address}`);
          event.dataTransfer.setData('text/plain', path);
        }}
      >
        <span className={cx(styles['mark'], isOpen && styles['turned'])}>
          {isFolder && <Icon name="chevron" size={12} />}
        </span>
        <span className={styles['name']}>{entry.name}</span>
      </button>
      {isOpen && <Folder {...props} path={path} />}
    </li>
  );
}
