import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Of what a server says on its standard error, for the report of one that does not start. */
const SAID_CHARACTERS = 1_000;

/** The product as its users start it: processes of its own, a free port, a data folder that goes with it. */
export interface RunningRegatta extends AsyncDisposable {
  readonly url: string;
  /** Of the process that was started: the server's own, or npm's. */
  readonly pid: number;
  /** From the start of the process to the line that says that it listens. */
  readonly startedMs: number;
}

/**
 * Starts the server.
 * @param by `npm` for `npm start` with its checks, `node` for the server alone
 * @throws Error when it ends instead of listening
 */
export async function startRegatta(
  by: 'npm' | 'node',
  flags: readonly string[] = [],
): Promise<RunningRegatta> {
  await using stack = new AsyncDisposableStack();
  const data = stack.use(await temporaryFolder());
  const wanted = ['--port', '0', '--data', data.folder, '--log', 'error', ...flags];
  const [command, args] =
    by === 'npm'
      ? ['npm', ['start', '--', ...wanted]]
      : [process.execPath, ['bin/main.ts', 'start', ...wanted]];
  const startMs = performance.now();
  // A group of its own: npm and its shell pass no signals on reliably, so that all are told at once.
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot measure: ${command} does not start`);
  const ended = once(child, 'exit');
  const end = () => void process.kill(-pid, 'SIGTERM');
  process.on('exit', end);
  void ended.then(() => process.off('exit', end));
  stack.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) end();
    await ended;
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-SAID_CHARACTERS);
  });
  const url = await readyUrl(child.stdout);
  if (url === undefined) {
    await ended;
    throw new Error(`Cannot measure: the server ended before it was ready: ${said.trim()}`);
  }
  const startedMs = performance.now() - startMs;
  const owned = stack.move();
  return { url, pid, startedMs, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** undefined when the output ends without it. */
async function readyUrl(output: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: output })) {
    const url = /^Regatta is ready: (\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Nobody reads on; a full pipe would stop the server.
      output.resume();
      return url;
    }
  }
  return undefined;
}
