import { Button } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';

import { isLocale, LOCALES } from '#protocol';

import { Icon } from '../design/icons.tsx';
import { changeLanguage, LANGUAGE_NAMES } from './i18n.ts';
import styles from './language-menu.module.css';
import { useLocale } from './use-locale.ts';

export function LanguageMenu() {
  const { t } = useTranslation();
  const locale = useLocale();
  return (
    <MenuTrigger>
      <Button
        className={styles['trigger'] ?? ''}
        aria-label={t('language.label', { name: LANGUAGE_NAMES[locale] })}
      >
        <Icon name="globe" />
        <span className={styles['current']}>{LANGUAGE_NAMES[locale]}</span>
        <Icon name="chevron" size={12} />
      </Button>
      <Popover className={styles['popover'] ?? ''} placement="bottom end">
        <Menu
          aria-label={t('language.menu')}
          className={styles['menu'] ?? ''}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[locale]}
          onAction={choose}
        >
          {LOCALES.map((code) => (
            <MenuItem
              key={code}
              id={code}
              className={styles['item'] ?? ''}
              textValue={LANGUAGE_NAMES[code]}
            >
              <span lang={code}>{LANGUAGE_NAMES[code]}</span>
              {code === locale && <Icon name="check" />}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function choose(key: string | number): void {
  if (isLocale(key)) void changeLanguage(key);
}
