import type { ReactNode } from 'react';

import { cx } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import styles from './notice.module.css';

/** A framed sentence about something that stands in the way, with what to do about it. */
export function Notice(props: {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div
      className={cx(styles['notice'], styles[props.tone])}
      role={props.tone === 'bad' ? 'alert' : undefined}
    >
      <Icon name="warning" size={18} />
      <div className={styles['words']}>
        <p className={styles['title']}>{props.title}</p>
        {props.children !== undefined && <div className={styles['text']}>{props.children}</div>}
      </div>
      {props.action}
    </div>
  );
}
