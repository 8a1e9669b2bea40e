import { goDuration } from '../../go/duration.ts';
import { goNumber } from '../../go/number.ts';
import type { LoadOptions } from '../command-line.ts';
import type { Connection } from '../connection.ts';
import { Histogram } from '../histogram.ts';
import type { Logger } from '../logger.ts';
import type { Tally } from './tally.ts';

/** A run that is over. */
export interface FinishedRun {
  readonly options: LoadOptions;
  readonly connections: readonly Connection[];
  readonly tally: Tally;
  readonly elapsedMs: number;
  readonly logger: Logger;
}

/** What fortio prints of a run, in its order. */
export function reportLines(run: FinishedRun): readonly string[] {
  return [...callLines(run), ...connectionLines(run), ...answerLines(run)];
}

/** Calls a second over the whole run. */
export function actualQps({ tally, elapsedMs }: Pick<FinishedRun, 'tally' | 'elapsedMs'>): number {
  return elapsedMs > 0 ? tally.calls.count / (elapsedMs / 1_000) : 0;
}

function callLines(run: FinishedRun): readonly string[] {
  const { options, tally, elapsedMs, logger } = run;
  const { calls, errors } = tally;
  if (!logger.logs('warning')) {
    return [
      calls.line('Aggregated Function Time'),
      ...calls.targetLines(options.percentiles),
      errors.line('Error cases'),
    ];
  }
  return [
    `Ended after ${goDuration(elapsedMs)} : ${calls.count} calls. qps=${goNumber(actualQps(run), 5)}`,
    ...(options.qps > 0 ? sleepLines(tally) : []),
    ...calls.table('Aggregated Function Time', options.percentiles),
    ...errors.table('Error cases', options.percentiles),
  ];
}

/** Fortio says more when more than so many waits were cut short. */
const BEHIND_PERCENT = 5;

function sleepLines({ sleeps }: Tally): readonly string[] {
  const behind = 100 * sleeps.shareBelowOffset;
  if (behind <= BEHIND_PERCENT) return [sleeps.line('Sleep times')];
  return [
    ...sleeps.table('Aggregated Sleep Time', [50]),
    `WARNING ${behind.toFixed(2)}% of sleep were falling behind`,
  ];
}

function connectionLines({ connections, logger, options }: FinishedRun): readonly string[] {
  const each = connections.map((connection, id) => {
    const sockets = String(connection.sockets).padStart(3, ' ');
    const [only = '', ...more] = connection.addresses.keys();
    const all = [...connection.addresses].map(([address, count]) => `${address} (${count})`);
    const addresses = more.length === 0 ? only : `[${all.join(', ')}]`;
    return connection.connectTimes.line(
      `[${id}] ${sockets} socket used, resolved to ${addresses}, connection timing`,
    );
  });
  const together = connectTimes(connections, options);
  return [
    '# Socket and IP used for each connection:',
    ...each,
    ...(logger.logs('info')
      ? together.table('Connection time histogram (s)', options.percentiles)
      : logger.logs('warning')
        ? [together.line('Connection time (s)')]
        : []),
    `Sockets used: ${together.count} (for perfect keepalive, would be ${connections.length})`,
    `Uniform: ${options.uniform}, Jitter: ${options.jitter}, Catchup allowed: ${options.catchesUp}`,
  ];
}

/** The connections' times in one histogram. */
export function connectTimes(
  connections: readonly Connection[],
  { resolution }: LoadOptions,
): Histogram {
  return Histogram.together(
    connections.map(({ connectTimes: times }) => times),
    { resolution },
  );
}

/** How often each address was connected to, the busiest first. */
export function addressCounts(connections: readonly Connection[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { addresses } of connections) {
    for (const [address, count] of addresses) {
      counts.set(address, (counts.get(address) ?? 0) + count);
    }
  }
  return new Map([...counts].toSorted(([, a], [, b]) => b - a));
}

function answerLines({ connections, tally, logger }: FinishedRun): readonly string[] {
  const { calls, codes, headSizes, sizes } = tally;
  const addresses = [...addressCounts(connections)].map(
    ([address, count]) => `${address}: ${count}`,
  );
  const shares = [...codes]
    .toSorted(([a], [b]) => a - b)
    .map(([code, count]) => {
      const percent = ((100 * count) / calls.count).toFixed(1);
      return `Code ${String(code).padStart(3, ' ')} : ${count} (${percent} %)`;
    });
  return [
    'IP addresses distribution:',
    ...addresses,
    ...shares,
    ...(logger.logs('warning')
      ? [headSizes.line('Response Header Sizes'), sizes.line('Response Body/Total Sizes')]
      : []),
  ];
}
