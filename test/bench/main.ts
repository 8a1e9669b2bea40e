import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { BENCHMARKS } from './benchmarks.ts';
import { type Benchmark, formatRows, type Row } from './row.ts';

const HELP = `Usage: npm run bench -- [OPTIONS]

Measures the product on this machine and prints a table; takes up to six minutes. Terminals are measured without a sandbox,
beside a naive one and wetty, which is installed in the user's cache when it is not there.

Options
  --only NAME,…  some of ${BENCHMARKS.flatMap(({ names }) => names).join(', ')}
  --json FILE    write the rows there as well
`;
/** One benchmark that hangs must not hold up the others. */
const BENCHMARK_LIMIT_MS = 90_000;

/** What one benchmark gave. */
type Outcome = { readonly rows: readonly Row[] } | { readonly problem: string };

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await measureAll(values.only?.split(','), values.json);

/** Status 1: something could not be measured. A goal that is not met is a result. */
async function measureAll(
  only: readonly string[] | undefined,
  jsonFile: string | undefined,
): Promise<number> {
  const known = BENCHMARKS.flatMap(({ names }) => names);
  const unknown = only?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    process.stderr.write(`Cannot measure ${unknown.join(', ')}: there are ${known.join(', ')}\n`);
    return 2;
  }
  const rows: Row[] = [];
  const problems: string[] = [];
  for (const { names } of BENCHMARKS) {
    const wanted = only ? names.filter((name) => only.includes(name)) : names;
    if (wanted.length === 0) continue;
    const startMs = performance.now();
    process.stderr.write(`${names.join(', ')} …`);
    // One after the other: two at once would measure each other.
    const outcome = await measure(names);
    process.stderr.write(` ${((performance.now() - startMs) / 1_000).toFixed(1)} s\n`);
    if ('problem' in outcome) problems.push(`${names.join(', ')}: ${outcome.problem}`);
    else rows.push(...outcome.rows.filter(({ id }) => wanted.some((name) => isNamed(id, name))));
  }
  process.stdout.write(`${formatRows(rows)}\n`);
  for (const problem of problems) process.stderr.write(`Not measured: ${problem}\n`);
  const machine = { cores: availableParallelism(), node: process.version };
  if (jsonFile !== undefined) {
    await writeFile(jsonFile, `${JSON.stringify({ machine, rows, problems }, undefined, 2)}\n`);
  }
  return problems.length === 0 ? 0 : 1;
}

/** In a process of its own, so that no benchmark is measured in the heap that another one left. */
async function measure(names: Benchmark['names']): Promise<Outcome> {
  const file = fileURLToPath(new URL('measure.ts', import.meta.url));
  // Not JSON, which has no word for a peer that never answers: infinity.
  const child = fork(file, [names[0] ?? ''], { serialization: 'advanced' });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGTERM'), BENCHMARK_LIMIT_MS);
  try {
    const [outcome] = await Promise.race([
      once(child, 'message'),
      ended.then(() => [
        { problem: `ended without a result (${child.signalCode ?? child.exitCode})` },
      ]),
    ]);
    return isOutcome(outcome) ? outcome : { problem: 'an unreadable result' };
  } finally {
    await ended;
    clearTimeout(timer);
  }
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && ('rows' in value || 'problem' in value);
}

function isNamed(id: string, name: string): boolean {
  return id === name || id.startsWith(`${name}-`);
}
