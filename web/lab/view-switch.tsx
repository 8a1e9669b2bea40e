import { useTranslation } from 'react-i18next';

import { Icon } from '../design/icons.tsx';
import styles from './view-switch.module.css';

export type LabSide = 'lesson' | 'workspace';

/** On a phone: which half is shown. */
export function ViewSwitch(props: {
  readonly side: LabSide;
  readonly onChange: (side: LabSide) => void;
}) {
  const { t } = useTranslation();
  const sides = [
    { side: 'lesson', icon: 'flag', label: t('lab.lesson') },
    { side: 'workspace', icon: 'terminal', label: t('lab.terminal') },
  ] as const;
  return (
    <nav className={styles['switch']} aria-label={t('lab.switch')}>
      {sides.map(({ side, icon, label }) => (
        <button
          key={side}
          type="button"
          aria-pressed={side === props.side}
          onClick={() => props.onChange(side)}
        >
          <Icon name={icon} size={18} />
          {label}
        </button>
      ))}
    </nav>
  );
}
