import { useSyncExternalStore } from 'react';

import { readKept, writeKept } from '../frame/kept.ts';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let theme: Theme = THEMES.find((name) => name === readKept('theme')) ?? 'system';

/** Puts the kept theme on the page; call before the first render. */
export function applyTheme(): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function setTheme(next: Theme): void {
  theme = next;
  writeKept('theme', next === 'system' ? undefined : next);
  applyTheme();
  for (const listener of listeners) listener();
}

/** The theme chosen, and whether the page is dark now. */
export function useTheme(): { readonly theme: Theme; readonly isDark: boolean } {
  const chosen = useSyncExternalStore(subscribe, () => theme);
  const isSystemDark = useSyncExternalStore(subscribe, () => systemDark.matches);
  return { theme: chosen, isDark: chosen === 'system' ? isSystemDark : chosen === 'dark' };
}

/** system → light → dark → system */
export function themeAfter(current: Theme): Theme {
  return THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'system';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  systemDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemDark.removeEventListener('change', listener);
  };
}
