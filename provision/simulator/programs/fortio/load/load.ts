import { goDuration } from '../../go/duration.ts';
import { goNumber } from '../../go/number.ts';
import type { ToolContext, ToolResult } from '../../program.ts';
import type { FortioOptions } from '../command-line.ts';
import { Connection, isOk } from '../connection.ts';
import type { Logger } from '../logger.ts';
import { LATEST_VERSION } from '../version.ts';
import { planRun, PROCESSORS } from './plan.ts';
import { actualQps, type FinishedRun, reportLines } from './report.ts';
import { resultsJson } from './results.ts';
import { Runner } from './runner.ts';
import { Tally } from './tally.ts';
import { TURNS } from './turns.ts';

/** `fortio load`: all of its text goes to standard error, as fortio's does; results in JSON to standard output. */
export async function load(
  fortio: FortioOptions,
  context: ToolContext,
  { logger, say }: { readonly logger: Logger; readonly say: (line: string) => void },
): Promise<Pick<ToolResult, 'stdout' | 'exitCode'>> {
  const { load: options } = fortio;
  const { clock, random, signal } = context;
  say(
    `Fortio ${LATEST_VERSION} running at ${goNumber(options.qps)} queries per second, ${PROCESSORS}->${PROCESSORS} procs, ${until(options)}: ${fortio.url}`,
  );
  logger.log('info', ['httprunner.go', 121], 'Starting http test', {
    run: options.runId,
    url: fortio.url,
    threads: options.connections,
    qps: (options.qps > 0 ? options.qps : -1).toFixed(1),
    warmup: 'parallel',
    'conn-reuse': '',
  });
  const all = Array.from(
    { length: options.connections },
    (_, id) => new Connection(id, { options: fortio, context, logger }),
  );
  const problem = await prepare(all, fortio);
  if (problem !== undefined) {
    say(`Aborting because of ${problem}`);
    return { stdout: '', exitCode: 1 };
  }
  const startMs = clock.now();
  const { plan, line } = planRun(options, logger);
  if (line !== undefined) say(line);
  const tally = new Tally(options);
  const connections = all.slice(0, plan.connections);
  const runner = new Runner({ options, plan, connections, tally, logger, clock, random, signal });
  const elapsedMs = await runner.run();
  const run: FinishedRun = { options, connections, tally, elapsedMs, logger };
  for (const text of reportLines(run)) say(text);
  const warmup = options.calls > 0 ? 0 : options.connections;
  say(
    `All done ${tally.calls.count} calls (plus ${warmup} warmup) ${(1_000 * tally.calls.average).toFixed(3)} ms avg, ${actualQps(run).toFixed(1)} qps`,
  );
  return { stdout: saveJson(run, { fortio, startMs, context, say }), exitCode: 0 };
}

function until({ calls, durationMs }: FortioOptions['load']): string {
  if (calls > 0) return `for ${calls} calls`;
  return durationMs > 0 ? `for ${goDuration(durationMs)}` : 'until interrupted';
}

/** Looks the host up and, when the run is for a time, makes a first call of each connection. @returns what stands in the way */
async function prepare(
  connections: readonly Connection[],
  { load: options, url }: FortioOptions,
): Promise<string | undefined> {
  const problems = await Promise.all(connections.map((connection) => connection.resolve()));
  const unresolved = problems.find((problem) => problem !== undefined);
  if (unresolved !== undefined) return unresolved;
  if (options.calls > 0) return undefined;
  const firsts = await Promise.all(
    connections.map(async (connection) => {
      await TURNS.next();
      return connection.fetch().catch(() => undefined);
    }),
  );
  const bad = firsts.find((outcome) => outcome && !isOk(outcome.code));
  if (options.allowsInitialErrors || !bad) return undefined;
  return `error ${bad.code} for ${url} (${bad.size} bytes)`;
}

interface Saving {
  readonly fortio: FortioOptions;
  readonly startMs: number;
  readonly context: ToolContext;
  readonly say: (line: string) => void;
}

/** Writes results where they were asked for. @returns what goes to standard output */
function saveJson(run: FinishedRun, { fortio, startMs, context, say }: Saving): string {
  const { json, savesJson, dataDir } = run.options;
  if (json === undefined && !savesJson) return '';
  const short = fortio.url.replace(/^https?:\/\//, '');
  const labels = run.options.labels ?? `${short} , ${context.pod.metadata.name}`;
  const results = resultsJson(run, { fortio, labels, startMs });
  const text = `${JSON.stringify(results, null, 2)}\n`;
  const path = json ?? `${dataDir}/${results.ID}.json`;
  const size = Buffer.byteLength(text);
  if (path === '-') {
    say(`Successfully wrote ${size} bytes of Json data to stdout`);
    return text;
  }
  try {
    context.files.write(path, text);
    say(`Successfully wrote ${size} bytes of Json data to ${path}`);
  } catch {
    say(`Unable to create ${path}: no such file or directory`);
  }
  return '';
}
