import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './key-bar.module.css';
import type { Shell } from './shell.ts';

/** Keys that the keyboard of a phone lacks, with what a terminal sends for them. */
const KEYS = [
  { name: 'escape', face: 'Esc', input: '\u001B' },
  { name: 'tab', face: 'Tab', input: '\t' },
  { name: 'interrupt', face: '^C', input: '\u0003' },
  { name: 'endOfFile', face: '^D', input: '\u0004' },
  { name: 'up', face: '↑', arrow: 'A' },
  { name: 'down', face: '↓', arrow: 'B' },
  { name: 'left', face: '←', arrow: 'D' },
  { name: 'right', face: '→', arrow: 'C' },
  { name: 'pipe', face: '|', input: '|' },
  { name: 'slash', face: '/', input: '/' },
  { name: 'dash', face: '-', input: '-' },
  { name: 'tilde', face: '~', input: '~' },
] as const;

/** A row of keys for touch screens. */
export function KeyBar({ shell }: { readonly shell: Shell }) {
  const { t } = useTranslation();
  const { isControlHeld } = useSyncExternalStore(shell.subscribe, shell.state);
  return (
    <div className={styles['bar']} role="group" aria-label={t('terminal.keys.label')}>
      <button
        type="button"
        aria-label={t('terminal.keys.control')}
        aria-pressed={isControlHeld}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => shell.holdControl(!isControlHeld)}
      >
        Ctrl
      </button>
      {KEYS.map(({ name, face, ...key }) => (
        <button
          key={name}
          type="button"
          aria-label={t(`terminal.keys.${name}`)}
          // The focus, and with it the keyboard on the screen, stays where it is.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => ('arrow' in key ? shell.arrow(key.arrow) : shell.typed(key.input))}
        >
          {face}
        </button>
      ))}
    </div>
  );
}
