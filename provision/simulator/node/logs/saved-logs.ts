import type { Clock } from '../../clock.ts';
import { SAVED_LOG_LIMIT_BYTES } from '../limits.ts';
import { ContainerLog, type LogLine } from './container-log.ts';

/** The last lines of ended containers as JSON, by pod uid and container name; a kubelet keeps them as long as the pod. */
export type SavedLogs = Readonly<Record<string, readonly LogLine[]>>;

/** Names a container in saved logs. */
export function logKey(podUid: string, container: string): string {
  return `${podUid}/${container}`;
}

/** The newest lines of a log that fit into a snapshot. */
export function tailOf(log: ContainerLog): readonly LogLine[] {
  const { lines } = log.read(0);
  let bytes = 0;
  const first = lines.findLastIndex(
    ({ text }) => (bytes += text.length + 1) > SAVED_LOG_LIMIT_BYTES,
  );
  return lines.slice(first + 1);
}

/** A log as it was saved, to which nothing is added. */
export function savedLog(clock: Clock, lines: readonly LogLine[]): ContainerLog {
  const log = new ContainerLog(clock, lines);
  log.close();
  return log;
}
