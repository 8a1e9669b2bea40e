import { useEffect } from 'react';

import type { Deck } from '../terminal/deck.ts';
import { isPaneKey } from '../terminal/pane-key.ts';
import type { LabSide } from './view-switch.tsx';

/** F6 goes back and forth between the lesson and the workspace. */
export function usePaneCycle(deck: Deck | undefined, onSide: (side: LabSide) => void): void {
  useEffect(() => {
    const cycle = (event: KeyboardEvent) => {
      if (!isPaneKey(event)) return;
      event.preventDefault();
      const isInWorkspace = workspace()?.contains(document.activeElement) === true;
      onSide(isInWorkspace ? 'lesson' : 'workspace');
      // A pane that is not shown cannot take the focus; wait until it is.
      requestAnimationFrame(() => (isInWorkspace ? focusLesson() : focusWorkspace(deck)));
    };
    addEventListener('keydown', cycle);
    return () => removeEventListener('keydown', cycle);
  }, [deck, onSide]);
}

export function focusLesson(): void {
  document.querySelector<HTMLElement>('#lesson')?.focus();
}

export function focusWorkspace(deck: Deck | undefined): void {
  workspace()?.focus();
  deck?.focus();
}

function workspace(): HTMLElement | null {
  return document.querySelector<HTMLElement>('#workspace');
}
