import { cx } from './class-names.ts';
import styles from './track.module.css';

/** How much of something is done, for the eye alone; `className` gives it its width. */
export function Track(props: {
  readonly done: number;
  readonly total: number;
  readonly className: string | undefined;
}) {
  const { done, total } = props;
  const share = total === 0 ? 0 : done / total;
  return (
    <span className={cx(styles['track'], props.className)} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}
