import { BENCHMARKS } from './benchmarks.ts';

/** Runs one benchmark and tells the parent what it gave: `measure.ts NAME`. */
const benchmark = BENCHMARKS.find(({ names }) => names.includes(process.argv[2] ?? ''));

// An exit, not a death by signal: what was started is ended by handlers of `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
const exit = () => process.exit(1);
process.on('disconnect', exit);

try {
  process.send?.({ rows: (await benchmark?.run()) ?? [] });
} catch (error) {
  process.send?.({ problem: error instanceof Error ? error.message : String(error) });
}
process.off('disconnect', exit);
process.disconnect();
