import '@xterm/xterm/css/xterm.css';
import type { TFunction } from 'i18next';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { showMessage } from '../frame/messages.tsx';
import { useTheme } from '../theme/theme.ts';
import type { Slot } from './deck.ts';
import { FindBar } from './find-bar.tsx';
import { isPaneKey } from './pane-key.ts';
import { PanelQuestion } from './panel-question.tsx';
import type { Panel, PanelState, Point } from './panel.ts';
import { readPaste } from './paste.ts';
import { FONT_SIZE_PX, Screen } from './screen.ts';
import { TerminalBanner } from './terminal-banner.tsx';
import { TerminalMenu } from './terminal-menu.tsx';
import styles from './terminal-view.module.css';
import { TextView } from './text-view.tsx';
import { loadTerminalFont } from './theme.ts';

/** One terminal. It stays in the page while another tab is in front, so that nothing is drawn twice. */
export function TerminalView(props: {
  readonly slot: Slot;
  readonly number: number;
  readonly isOnline: boolean;
  readonly isInFront: boolean;
  readonly isForScreenReader: boolean;
}) {
  const { t } = useTranslation();
  const { shell, panel } = props.slot;
  const host = useRef<HTMLDivElement>(null);
  const state = useSyncExternalStore(shell.subscribe, shell.state);
  const panelState = useSyncExternalStore(panel.subscribe, panel.state);
  const { isDark } = useTheme();
  const label = t('terminal.label', { number: props.number });
  const screen = useScreen(host, props.slot, { isDark, label });

  useEffect(() => screen?.setLabel(label), [screen, label]);
  useEffect(() => screen?.setDark(isDark), [screen, isDark]);
  useEffect(() => screen?.setVisible(props.isInFront), [screen, props.isInFront]);
  useEffect(
    () => screen && panel.onPaste((text) => paste(text, { screen, panel, t })),
    [screen, panel, t],
  );
  const backToScreen = (change: Partial<PanelState>) => {
    panel.set(change);
    screen?.focus();
  };
  useEffect(
    () => screen?.setScreenReader(props.isForScreenReader),
    [screen, props.isForScreenReader],
  );

  return (
    <div className={styles['terminal']} data-phase={state.phase}>
      <div
        ref={host}
        className={styles['screen']}
        onContextMenu={(event) => {
          event.preventDefault();
          panel.set({ menuAt: menuPlace(event) });
        }}
      />
      {state.phase === 'opening' && state.problem === undefined && (
        <p className={styles['opening']}>{t('terminal.opening')}</p>
      )}
      <TerminalBanner shell={shell} state={state} isOnline={props.isOnline} />
      {screen && <PanelQuestion panel={panel} state={panelState} screen={screen} />}
      {screen && panelState.isFinding && (
        <FindBar search={screen.search} onClose={() => backToScreen({ isFinding: false })} />
      )}
      {screen && panelState.isText && (
        <TextView
          screen={screen}
          number={props.number}
          onClose={() => backToScreen({ isText: false })}
        />
      )}
      {screen && panelState.menuAt && (
        <TerminalMenu panel={panel} screen={screen} at={panelState.menuAt} />
      )}
    </div>
  );
}

/** By keyboard there is no pointer: then the menu opens at the top of the terminal. */
function menuPlace(event: MouseEvent): Point {
  if (event.clientX !== 0 || event.clientY !== 0) return { x: event.clientX, y: event.clientY };
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return { x: left, y: top };
}

function paste(
  clipboard: string,
  { screen, panel, t }: { readonly screen: Screen; readonly panel: Panel; readonly t: TFunction },
): void {
  const read = readPaste(clipboard, screen.isBracketed);
  if (read.type === 'paste') screen.paste(read.text);
  if (read.type === 'ask') panel.set({ paste: read.text });
  if (read.type === 'too-long') showMessage(t('terminal.pasteTooLong'));
}

/** Makes the screen once the font is there, and ties it to the shell as long as the terminal is shown. */
function useScreen(
  host: { readonly current: HTMLElement | null },
  { shell, panel }: Slot,
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
          onPaste: (text) => panel.requestPaste(text),
          onFind: () => panel.set({ isFinding: true }),
          onClipboard: (text) => panel.askForClipboard(text),
          onTitle: (title) => panel.set({ title }),
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
  }, [host, shell, panel]);

  return screen;
}
