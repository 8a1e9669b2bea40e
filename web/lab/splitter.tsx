import { useCallback, useState } from 'react';
import type { KeyboardEvent, PointerEvent, RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { readKept, writeKept } from '../frame/kept.ts';
import styles from './splitter.module.css';

/** The lesson's share of the width, in percent. */
const FIRST_SPLIT = 42;
const SMALLEST = 22;
const LARGEST = 70;
const KEY_STEP = 2;

/** The share and its setter; remembered by this browser. */
export function useSplit(): readonly [number, (split: number) => void] {
  const [split, setSplit] = useState(() => within(Number(readKept('split') ?? FIRST_SPLIT)));
  const change = useCallback((next: number) => {
    const kept = within(next);
    setSplit(kept);
    writeKept('split', kept.toFixed(1));
  }, []);
  return [split, change];
}

/** The bar between lesson and workspace: drag it, or use the arrow keys; a double click puts it back. */
export function Splitter(props: {
  readonly within: RefObject<HTMLElement | null>;
  readonly split: number;
  readonly onChange: (split: number) => void;
}) {
  const { t } = useTranslation();
  const { split, onChange } = props;
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const frame = props.within.current?.getBoundingClientRect();
    if (frame) onChange(((event.clientX - frame.left) / frame.width) * 100);
  };
  const press = (event: KeyboardEvent) => {
    const next = {
      ArrowLeft: split - KEY_STEP,
      ArrowRight: split + KEY_STEP,
      Home: SMALLEST,
      End: LARGEST,
      Enter: FIRST_SPLIT,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onChange(next);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t('lab.splitter')}
      aria-valuenow={Math.round(split)}
      aria-valuemin={SMALLEST}
      aria-valuemax={LARGEST}
      aria-controls="lesson"
      tabIndex={0}
      className={styles['bar']}
      onKeyDown={press}
      onDoubleClick={() => onChange(FIRST_SPLIT)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  );
}

function within(split: number): number {
  return Number.isFinite(split) ? Math.min(LARGEST, Math.max(SMALLEST, split)) : FIRST_SPLIT;
}
