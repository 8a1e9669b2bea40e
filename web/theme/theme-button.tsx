import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
import { announce } from '../frame/messages.tsx';
import { setTheme, themeAfter, useTheme } from './theme.ts';
import type { Theme } from './theme.ts';

const ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const satisfies Record<
  Theme,
  string
>;

/** Goes through the system's theme, light and dark. */
export function ThemeButton() {
  const { t } = useTranslation();
  const { theme } = useTheme();
  const change = () => {
    const next = themeAfter(theme);
    setTheme(next);
    announce(t(`theme.${next}`));
  };
  return (
    <Button kind="icon" aria-label={t(`theme.${theme}`)} onPress={change}>
      <Icon name={ICONS[theme]} />
    </Button>
  );
}
