import type { LogOptions } from '../kubelet.ts';
import type { ContainerLog, LogLine } from './container-log.ts';

/**
 * The lines that `kubectl logs` asks for; goes on with `follow` until the run ends or the reader leaves.
 *
 * @yields lines with their line ends; pieces of a long line as one
 */
export async function* readLog(
  log: ContainerLog,
  options: LogOptions,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  let leftBytes = options.limitBytes ?? Infinity;
  let isNewLine = true;
  let { lines, next } = log.read(0);
  lines = selected(lines, options, nowMs);
  for (;;) {
    for (const line of lines) {
      const text = formatted(line, options.timestamps && isNewLine);
      isNewLine = !line.isPartial;
      const bytes = Buffer.from(text);
      if (bytes.length >= leftBytes) {
        yield bytes.toString('utf8', 0, leftBytes);
        return;
      }
      leftBytes -= bytes.length;
      yield text;
    }
    if (!options.follow || signal.aborted) return;
    if (log.read(next).lines.length === 0) {
      if (log.isClosed) return;
      await nextLine(log, signal);
    }
    if (signal.aborted) return;
    ({ lines, next } = log.read(next));
  }
}

function selected(lines: readonly LogLine[], options: LogOptions, nowMs: number) {
  const since =
    options.sinceSeconds === undefined
      ? Date.parse(options.sinceTime ?? '')
      : nowMs - options.sinceSeconds * 1000;
  const recent = Number.isNaN(since) ? lines : lines.filter(({ timeMs }) => timeMs >= since);
  const { tailLines } = options;
  if (tailLines === undefined || tailLines < 0) return recent;
  return tailLines === 0 ? [] : recent.slice(-tailLines);
}

function formatted({ timeMs, text, isPartial }: LogLine, hasTime: boolean): string {
  const line = isPartial ? text : `${text}\n`;
  if (!hasTime) return line;
  // Container runtimes stamp to the nanosecond; ours knows milliseconds.
  return `${new Date(timeMs).toISOString().replace('Z', '000000Z')} ${line}`;
}

function nextLine(log: ContainerLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      waiting[Symbol.dispose]();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const waiting = log.onNext(done);
    signal.addEventListener('abort', done, { once: true });
  });
}
