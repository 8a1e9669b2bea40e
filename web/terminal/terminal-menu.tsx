import { useRef } from 'react';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';

import { showMessage } from '../frame/messages.tsx';
import type { Panel, Point } from './panel.ts';
import type { Screen } from './screen.ts';
import styles from './terminal-menu.module.css';

const FOCUS_MS = 50;

/** What can be done with a terminal, where the pointer is or under the button that opened it. */
export function TerminalMenu(props: {
  readonly panel: Panel;
  readonly screen: Screen;
  readonly at: Point;
}) {
  const { t } = useTranslation();
  const anchor = useRef<HTMLSpanElement>(null);
  const { panel, screen, at } = props;
  const paste = async () => {
    const text = await clipboardText();
    if (text === undefined) showMessage(t('terminal.menu.pasteByKeys'));
    else panel.requestPaste(text);
  };
  const actions = {
    copy: () => void screen.copy(),
    paste: () => void paste(),
    selectAll: () => screen.selectAll(),
    find: () => panel.set({ isFinding: true }),
    text: () => panel.set({ isText: true }),
    clear: () => screen.clear(),
  } as const;
  const names = ['copy', 'paste', 'selectAll', 'find', 'text', 'clear'] as const;
  return (
    <>
      <span ref={anchor} className={styles['anchor']} style={{ left: at.x, top: at.y }} />
      <Popover
        triggerRef={anchor}
        isOpen
        onOpenChange={() => panel.set({ menuAt: undefined })}
        placement="bottom start"
        className={styles['popover'] ?? ''}
      >
        <Menu
          aria-label={t('terminal.menu.label')}
          className={styles['menu'] ?? ''}
          autoFocus="first"
          disabledKeys={screen.hasSelection ? [] : ['copy']}
          onAction={(key) => {
            panel.set({ menuAt: undefined });
            const name = names.find((one) => one === key);
            if (name === undefined) return;
            actions[name]();
            // The menu gives the focus back to what opened it, a moment later.
            if (name !== 'find' && name !== 'text') setTimeout(() => screen.focus(), FOCUS_MS);
          }}
        >
          {names.map((name) => (
            <MenuItem key={name} id={name} className={styles['item'] ?? ''}>
              {t(`terminal.menu.${name}`)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </>
  );
}

/** undefined where a page may not read the clipboard: without TLS, or when the learner says no. */
async function clipboardText(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}
