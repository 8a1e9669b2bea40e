import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { EditorDoor } from './editor-door.ts';
import styles from './editor-tab.module.css';

// Half a megabyte that only those who edit files wait for.
const EditorPane = lazy(async () => {
  const { EditorPane: pane } = await import('./editor-pane.tsx');
  return { default: pane };
});

/** The editor of files; it is loaded when its tab is first brought to the front. */
export function EditorTab(props: {
  readonly session: string;
  readonly door: EditorDoor;
  readonly isOnline: boolean;
  readonly isInFront: boolean;
}) {
  const { t } = useTranslation();
  const [hasBeenShown, setShown] = useState(false);
  useEffect(() => {
    if (props.isInFront) setShown(true);
  }, [props.isInFront]);
  if (!hasBeenShown) return undefined;
  return (
    <Suspense
      fallback={
        <p className={styles['loading']} role="status">
          {t('editor.loading')}
        </p>
      }
    >
      <div className={styles['place']}>
        <EditorPane {...props} />
      </div>
    </Suspense>
  );
}
