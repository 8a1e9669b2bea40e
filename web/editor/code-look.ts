import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-property)' },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--code-comment)' },
  { tag: [tags.keyword, tags.meta, tags.typeName, tags.labelName], color: 'var(--code-keyword)' },
  { tag: [tags.punctuation, tags.separator, tags.operator], color: 'var(--code-operator)' },
]);

/** The colours and sizes of the page, which follow its theme by themselves. */
export const LOOK: Extension = [
  syntaxHighlighting(COLOURS),
  EditorView.theme({
    '&': { height: '100%', color: 'var(--code-plain)', backgroundColor: 'var(--terminal)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': {
      fontFamily: 'var(--font-code)',
      fontSize: 'var(--size-3)',
      lineHeight: '1.55',
    },
    '.cm-content': { caretColor: 'var(--text)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
    '.cm-gutters': {
      border: 'none',
      backgroundColor: 'var(--terminal)',
      color: 'var(--text-faint)',
    },
    '.cm-activeLine, .cm-activeLineGutter': {
      backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)',
    },
    '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
      { background: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
    '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
    '.cm-searchMatch': {
      backgroundColor: 'var(--warn-soft)',
      outline: '1px solid var(--warn-line)',
    },
    '.cm-panels': {
      borderColor: 'var(--line)',
      backgroundColor: 'var(--surface)',
      color: 'var(--text)',
      fontFamily: 'var(--font-text)',
    },
    '.cm-panel.cm-search': { padding: '0.4rem 2rem 0.4rem 0.6rem', fontSize: 'var(--size-3)' },
    '.cm-textfield': {
      border: '1px solid var(--line-control)',
      borderRadius: 'var(--radius-1)',
      backgroundColor: 'var(--raised)',
      color: 'var(--text)',
      fontSize: 'var(--size-3)',
    },
    '.cm-button': {
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--radius-1)',
      background: 'var(--raised)',
      color: 'var(--text)',
      fontSize: 'var(--size-2)',
    },
    '.cm-panel [name=close]': {
      color: 'var(--text-soft)',
      fontSize: '1.125rem',
      cursor: 'pointer',
    },
    '.cm-tooltip': {
      maxWidth: 'min(34rem, 90vw)',
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--radius-1)',
      backgroundColor: 'var(--raised)',
      boxShadow: 'var(--shadow-2)',
      color: 'var(--text)',
      fontFamily: 'var(--font-text)',
      fontSize: 'var(--size-2)',
    },
    '.cm-tooltip-autocomplete ul li[aria-selected]': {
      backgroundColor: 'var(--accent)',
      color: 'var(--on-accent)',
    },
    '.cm-diagnostic': { padding: '0.35rem 0.6rem' },
    '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
    '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
    '.cm-matchingBracket': { outline: '1px solid var(--accent-line)' },
  }),
];
