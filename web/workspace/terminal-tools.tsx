import { useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
import type { Deck } from '../terminal/deck.ts';
import { ConnectionMeter } from './connection-meter.tsx';
import styles from './workspace.module.css';

/** What concerns the terminal in front; nothing while a web page is. */
export function TerminalTools(props: {
  readonly deck: Deck;
  readonly isForScreenReader: boolean;
  readonly onScreenReader: (isOn: boolean) => void;
  readonly ping: () => Promise<number | undefined>;
}) {
  const { t } = useTranslation();
  const { deck, isForScreenReader } = props;
  const menu = useRef<HTMLButtonElement>(null);
  const { slots, selected } = useSyncExternalStore(deck.subscribe, deck.state);
  const at = slots.findIndex(({ key }) => key === selected);
  const slot = slots[at];
  if (!slot) return undefined;
  return (
    <>
      <p className={styles['leave']}>
        <kbd>F6</kbd> {t('terminal.leave')}
      </p>
      <ConnectionMeter slot={slot} number={at + 1} ping={props.ping} />
      <button
        type="button"
        className={styles['toggle']}
        aria-pressed={isForScreenReader}
        aria-label={t('terminal.screenReader')}
        title={t('terminal.screenReader')}
        onClick={() => props.onScreenReader(!isForScreenReader)}
      >
        <Icon name="speaker" />
      </button>
      <Button
        ref={menu}
        kind="icon"
        aria-label={t('terminal.menu.label')}
        onPress={() => {
          const place = menu.current?.getBoundingClientRect();
          slot.panel.set({ menuAt: { x: place?.left ?? 0, y: place?.bottom ?? 0 } });
        }}
      >
        <Icon name="more" />
      </Button>
      <Button
        kind="icon"
        aria-label={t('terminal.close', { number: at + 1 })}
        isDisabled={slots.length < 2}
        onPress={() => deck.close(selected)}
      >
        <Icon name="close" />
      </Button>
    </>
  );
}
