import { goDuration } from '../../go/duration.ts';
import { goNumber } from '../../go/number.ts';
import type { LoadOptions } from '../command-line.ts';
import type { Logger } from '../logger.ts';
import type { Plan } from './runner.ts';

/** Processors that fortio finds on a node of the simulator. */
export const PROCESSORS = 2;

/** Shares the calls out among connections, and says so in the line that a run starts with. */
export function planRun(
  options: LoadOptions,
  logger: Logger,
): { readonly plan: Plan; readonly line: string | undefined } {
  const { calls, durationMs, qps } = options;
  if (calls === 0 && durationMs === 0) {
    const speed = qps > 0 ? `${goNumber(qps)} qps` : 'max qps';
    const line = `Starting at ${speed} with ${options.connections} thread(s) [gomax ${PROCESSORS}] until interrupted`;
    return { plan: { connections: options.connections, callsEach: Infinity, leftOver: 0 }, line };
  }
  const { plan, text } = qps > 0 ? atSpeed(options, logger) : atFullSpeed(options);
  return { plan, line: logger.logs('warning') ? text : undefined };
}

function atFullSpeed({ calls, connections, durationMs }: LoadOptions) {
  const start = `Starting at max qps with ${connections} thread(s) [gomax ${PROCESSORS}] for`;
  if (calls === 0) {
    const plan = { connections, callsEach: Infinity, leftOver: 0 };
    return { plan, text: `${start} ${goDuration(durationMs)}` };
  }
  const callsEach = Math.floor(calls / connections);
  const leftOver = calls % connections;
  const text = `${start} exactly ${calls} calls (${callsEach} per thread + ${leftOver})`;
  return { plan: { connections, callsEach, leftOver }, text };
}

function atSpeed({ calls, connections: asked, durationMs, qps }: LoadOptions, logger: Logger) {
  let total = calls || Math.floor((qps * durationMs) / 1_000);
  let connections = asked;
  if (total < 2) {
    logger.log(
      'warning',
      ['periodic.go', 441],
      'Increasing the number of calls to the minimum of 2 with 1 thread. total duration will increase',
    );
    total = 2;
    connections = 1;
  }
  if (2 * connections > total) {
    const fewer = Math.floor(total / 2);
    logger.log(
      'warning',
      ['periodic.go', 447],
      `Lowering number of threads - total call ${total} -> lowering from ${connections} to ${fewer} threads`,
    );
    connections = fewer;
  }
  const callsEach = Math.floor(total / connections);
  const made = callsEach * connections;
  const leftOver = calls === 0 ? 0 : calls - made;
  const start = `Starting at ${goNumber(qps)} qps with ${connections} thread(s) [gomax ${PROCESSORS}]`;
  const text =
    calls === 0
      ? `${start} for ${goDuration(durationMs)} : ${callsEach} calls each (total ${made})`
      : `${start} : exactly ${calls}, ${callsEach} calls each (total ${made} + ${leftOver})`;
  return { plan: { connections, callsEach, leftOver }, text };
}
