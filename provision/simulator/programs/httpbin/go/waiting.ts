import { sleep } from '../../../clock.ts';
import { goDuration, parseGoDuration } from '../../go/duration.ts';
import { LONGEST_ANSWER_MS, MOST_BODY_BYTES, MOST_EVENTS } from '../limits.ts';
import { answer, type Asked, type Handler, problem, TEXT } from './asked.ts';
import { withBody } from './inspection.ts';
import { boundedCode, notANumber, wholeNumber } from './statuses.ts';

/** /delay/{duration}: seconds or a Go duration, ten seconds at most. */
export const delay: Handler = async (asked) => {
  const delayMs = boundedDuration(asked.parts[0] ?? '');
  if (typeof delayMs === 'string') return problem(400, `invalid duration: ${delayMs}`);
  await wait(asked, delayMs);
  const response = await withBody(asked);
  response.headers.set('server-timing', timing([['initial_delay', delayMs, 'initial delay']]));
  return response;
};

/** /drip: so many bytes over a time. What a client sees in one piece here arrives when the last byte would. */
export const drip: Handler = async (asked) => {
  const { query } = asked;
  const durationMs = boundedDuration(query.get('duration') || '2s');
  if (typeof durationMs === 'string') return problem(400, `invalid duration: ${durationMs}`);
  const delayMs = boundedDuration(query.get('delay') || '2s');
  if (typeof delayMs === 'string') return problem(400, `invalid delay: ${delayMs}`);
  const bytes = bytesOf(query.get('numbytes') || '10');
  if (typeof bytes === 'string') return problem(400, `invalid numbytes: ${bytes}`);
  const code = boundedCode(query.get('code') || '200', 100, 599);
  if (typeof code === 'string') return problem(400, code);
  const tooMuch = tooLong(durationMs, delayMs);
  if (tooMuch !== undefined) return problem(400, tooMuch);
  const pauseMs = bytes > 1 ? durationMs / (bytes - 1) : durationMs;
  await wait(asked, delayMs + (bytes > 1 ? durationMs : 0));
  const times = timing([
    ['total_duration', delayMs + durationMs, 'total request duration'],
    ['initial_delay', delayMs, 'initial delay'],
    ['write_duration', durationMs, 'duration of writes after initial delay'],
    ['pause_per_write', pauseMs, 'computed pause between writes'],
  ]);
  return answer('*'.repeat(bytes), {
    status: Math.max(code, 200),
    headers: [
      ['content-type', TEXT],
      ['server-timing', times],
    ],
  });
};

/** /sse: events over a time, likewise in one piece. */
export const events: Handler = async (asked) => {
  const { query, context } = asked;
  const count = wholeNumber(query.get('count') || '10');
  if (count === undefined) {
    return problem(400, `invalid count: ${notANumber(query.get('count') ?? '')}`);
  }
  if (count < 1 || count > MOST_EVENTS) {
    return problem(400, `invalid count: must in range [1, ${MOST_EVENTS}]`);
  }
  const durationMs = boundedDuration(query.get('duration') || '5s');
  if (typeof durationMs === 'string') return problem(400, `invalid duration: ${durationMs}`);
  const delayMs = boundedDuration(query.get('delay') || '0s');
  if (typeof delayMs === 'string') return problem(400, `invalid delay: ${delayMs}`);
  if (durationMs + delayMs > LONGEST_ANSWER_MS) {
    return answer('Too much time\n', { status: 400, headers: [['content-type', TEXT]] });
  }
  const startedMs = context.clock.now() + delayMs;
  await wait(asked, delayMs + (count > 1 ? durationMs : 0));
  const pauseMs = count > 1 ? durationMs / (count - 1) : 0;
  const all = Array.from({ length: count }, (_, id) => {
    const data = JSON.stringify({ id, timestamp: Math.floor(startedMs + id * pauseMs) });
    return `event: ping\ndata: ${data}\n\n`;
  });
  return answer(all.join(''), {
    headers: [['content-type', 'text/event-stream; charset=utf-8']],
  });
};

async function wait({ context, request }: Asked, delayMs: number): Promise<void> {
  // A client that has gone away needs no answer.
  if (delayMs > 0) await sleep(context.clock, delayMs, request.signal);
}

function boundedDuration(text: string): number | string {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
  const durationMs =
    parseGoDuration(text) ?? (number === undefined ? undefined : Math.trunc(number * 1_000));
  if (durationMs === undefined) return notANumber(text, 'ParseFloat');
  if (durationMs > LONGEST_ANSWER_MS) {
    return `duration ${goDuration(durationMs)} longer than ${goDuration(LONGEST_ANSWER_MS)}`;
  }
  return durationMs < 0 ? `duration ${goDuration(durationMs)} shorter than 0s` : durationMs;
}

function bytesOf(text: string): number | string {
  const bytes = wholeNumber(text);
  if (bytes === undefined) return notANumber(text, 'ParseInt');
  const isWithin = bytes >= 1 && bytes <= MOST_BODY_BYTES;
  return isWithin ? bytes : `${bytes} not in range [1, ${MOST_BODY_BYTES}]`;
}

function tooLong(durationMs: number, delayMs: number): string | undefined {
  if (durationMs + delayMs <= LONGEST_ANSWER_MS) return undefined;
  return `too much time: ${goDuration(durationMs)}+${goDuration(delayMs)} > ${goDuration(LONGEST_ANSWER_MS)}`;
}

/** A Server-Timing header, in milliseconds (W3C, "Server Timing"). */
function timing(entries: readonly (readonly [string, number, string])[]): string {
  return entries
    .map(([name, durationMs, what]) => `${name};dur=${durationMs.toFixed(2)};desc="${what}"`)
    .join(', ');
}
