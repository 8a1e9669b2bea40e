import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { TFunction } from 'i18next';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { ClusterSchemas } from './cluster-schemas.ts';
import { isYaml, SURROUNDINGS } from './code-state.ts';
import styles from './code-view.module.css';
import type { EditorDesk, OpenFile } from './desk.ts';
import { phrases } from './phrases.ts';
import { yamlService } from './yaml-service.ts';

/** The text of the file in front. */
export function CodeView(props: {
  readonly desk: EditorDesk;
  readonly file: OpenFile;
  readonly schemas: ClusterSchemas;
  readonly isReadOnly: boolean;
  /** Counts the times that the keyboard is wanted here. */
  readonly focusCount: number;
}) {
  const { t } = useTranslation();
  const { desk, file, schemas, isReadOnly } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const path = useRef(file.path);
  const surroundings = useMemo(
    () => surroundingsOf({ path: file.path, t, schemas, isReadOnly }),
    [file.path, t, schemas, isReadOnly],
  );

  useEffect(() => {
    if (!place.current) return undefined;
    const made = new EditorView({
      parent: place.current,
      dispatchTransactions(transactions, into) {
        into.update(transactions);
        desk.typed(path.current, into.state);
      },
    });
    view.current = made;
    return () => made.destroy();
  }, [desk]);

  // Not at each key: the state that comes with those is the view's own.
  useEffect(() => {
    path.current = file.path;
    view.current?.setState(file.state);
  }, [file.path, file.revision, desk]);

  useEffect(() => {
    view.current?.dispatch({ effects: SURROUNDINGS.reconfigure(surroundings) });
  }, [surroundings, file.revision, desk]);

  useEffect(() => {
    if (props.focusCount > 0) view.current?.focus();
  }, [props.focusCount, file.path]);

  return <div ref={place} className={styles['code']} />;
}

function surroundingsOf({
  path,
  t,
  schemas,
  isReadOnly,
}: {
  readonly path: string;
  readonly t: TFunction;
  readonly schemas: ClusterSchemas;
  readonly isReadOnly: boolean;
}): Extension {
  const name = path.split('/').at(-1) ?? path;
  return [
    EditorState.phrases.of(phrases(t)),
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ 'aria-label': t('editor.code', { name }) }),
    isYaml(path) ? yamlService(schemas, t) : [],
  ];
}
