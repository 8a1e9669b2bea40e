import { useTranslation } from 'react-i18next';

import styles from './key-bar.module.css';
import type { Shell } from './shell.ts';

/** Keys that the keyboard of a phone lacks, with what a terminal sends for them. */
const KEYS = [
  { name: 'escape', face: 'Esc', input: '\u001B' },
  { name: 'tab', face: 'Tab', input: '\t' },
  { name: 'interrupt', face: '^C', input: '\u0003' },
  { name: 'endOfFile', face: '^D', input: '\u0004' },
  { name: 'up', face: '↑', input: '\u001B[A' },
  { name: 'down', face: '↓', input: '\u001B[B' },
  { name: 'left', face: '←', input: '\u001B[D' },
  { name: 'right', face: '→', input: '\u001B[C' },
] as const;

/** A row of keys for touch screens. */
export function KeyBar({ shell }: { readonly shell: Shell }) {
  const { t } = useTranslation();
  return (
    <div className={styles['bar']} role="group" aria-label={t('terminal.keys.label')}>
      {KEYS.map(({ name, face, input }) => (
        <button
          key={name}
          type="button"
          aria-label={t(`terminal.keys.${name}`)}
          // The focus, and with it the keyboard on the screen, stays where it is.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => shell.typed(input)}
        >
          {face}
        </button>
      ))}
    </div>
  );
}
