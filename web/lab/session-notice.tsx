import type { ReactNode } from 'react';

import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import type { IconName } from '../design/icons.tsx';
import styles from './session-notices.module.css';

/** One line about the session as a whole. It says nothing aloud by itself: some change every second. */
export function SessionNotice(props: {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly icon: IconName;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={cx(styles['notice'], styles[props.tone])}>
      <Icon name={props.icon} />
      <p className={styles['words']}>{props.children}</p>
      {props.action}
    </div>
  );
}
