import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';

import { LOOK } from './code-look.ts';

/** What depends on the page, not on the file: language, connection, the cluster's schemas. */
export const SURROUNDINGS = new Compartment();

/** A file's text as it is read. Tab indents; Escape, then Tab, leaves the editor. */
export function newState(path: string, text: string): EditorState {
  return EditorState.create({ doc: text, extensions: [...COMMON, ...languageOf(path)] });
}

/** The same with another text, as one edit that can be undone. */
export function withText(state: EditorState, text: string): EditorState {
  const changes = { from: 0, to: state.doc.length, insert: text };
  const head = Math.min(state.selection.main.head, state.toText(text).length);
  return state.update({ changes, selection: { anchor: head } }).state;
}

export function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

const COMMON: readonly Extension[] = [
  SURROUNDINGS.of([]),
  lineNumbers(),
  highlightActiveLineGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of('  '),
  bracketMatching(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  EditorView.lineWrapping,
  LOOK,
  keymap.of([
    ...completionKeymap,
    ...searchKeymap,
    ...lintKeymap,
    ...historyKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
];

function languageOf(path: string): readonly Extension[] {
  return isYaml(path) ? [yaml(), lintGutter(), autocompletion()] : [];
}
