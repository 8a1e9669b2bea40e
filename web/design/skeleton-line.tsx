import styles from './skeleton-line.module.css';

/** A line of text that is not there yet; its width in percent of what it stands in. */
export function SkeletonLine({ width }: { readonly width: number }) {
  return <span className={styles['line']} style={{ width: `${width}%` }} />;
}
