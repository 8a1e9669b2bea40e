import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { useTheme } from '../theme/theme.ts';
import type { Slot } from './deck.ts';
import { isPaneKey } from './pane-key.ts';
import { FONT_SIZE_PX, Screen } from './screen.ts';
import type { Shell } from './shell.ts';
import { TerminalBanner } from './terminal-banner.tsx';
import styles from './terminal-view.module.css';
import { loadTerminalFont } from './theme.ts';

/** One terminal. It stays in the page while another tab is in front, so that nothing is drawn twice. */
export function TerminalView(props: {
  readonly slot: Slot;
  readonly number: number;
  readonly isOnline: boolean;
  readonly isForScreenReader: boolean;
}) {
  const { t } = useTranslation();
  const { shell } = props.slot;
  const host = useRef<HTMLDivElement>(null);
  const state = useSyncExternalStore(shell.subscribe, shell.state);
  const { isDark } = useTheme();
  const label = t('terminal.label', { number: props.number });
  const screen = useScreen(host, shell, { isDark, label });

  useEffect(() => screen?.setLabel(label), [screen, label]);
  useEffect(() => screen?.setDark(isDark), [screen, isDark]);
  useEffect(
    () => screen?.setScreenReader(props.isForScreenReader),
    [screen, props.isForScreenReader],
  );

  return (
    <div className={styles['terminal']} data-phase={state.phase}>
      <div ref={host} className={styles['screen']} />
      {state.phase === 'opening' && state.problem === undefined && (
        <p className={styles['opening']}>{t('terminal.opening')}</p>
      )}
      <TerminalBanner shell={shell} state={state} isOnline={props.isOnline} />
    </div>
  );
}

/** Makes the screen once the font is there, and ties it to the shell as long as the terminal is shown. */
function useScreen(
  host: { readonly current: HTMLElement | null },
  shell: Shell,
  look: { readonly isDark: boolean; readonly label: string },
): Screen | undefined {
  const [screen, setScreen] = useState<Screen>();
  const first = useRef(look);

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const stack = new DisposableStack();
    const start = async () => {
      await loadTerminalFont(FONT_SIZE_PX);
      if (stack.disposed) return;
      const made = stack.use(
        new Screen({
          isDark: first.current.isDark,
          onTyped: (data) => shell.typed(data),
          onMark: (text) => shell.marked(text),
          isLeaving: isPaneKey,
        }),
      );
      made.open(element, first.current.label);
      const observer = new ResizeObserver(() => shell.refit());
      observer.observe(element);
      stack.defer(() => observer.disconnect());
      shell.show(made);
      setScreen(made);
    };
    void start();
    return () => stack.dispose();
  }, [host, shell]);

  return screen;
}
