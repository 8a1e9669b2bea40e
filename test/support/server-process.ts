import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of what a server says on its standard error, for the report of one that does not start. */
const SAID_CHARACTERS = 1_000;

/** The server as a process of its own, which can be killed as a machine's failure would. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
  /** Ends it without a word (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  startAgain(): Promise<void>;
}

/** Starts `regatta start` on a free port, with a data folder that goes with it. @throws Error when it does not listen */
export async function startServerProcess(flags: readonly string[] = []): Promise<ServerProcess> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'regatta-test-'));
  let running = await start(dataFolder, '0', flags);
  const kill = () => end(running.child, 'SIGKILL');
  return {
    get url() {
      return running.url;
    },
    get pid() {
      return running.child.pid ?? 0;
    },
    dataFolder,
    kill,
    async startAgain() {
      running = await start(dataFolder, new URL(running.url).port, flags);
    },
    async [Symbol.asyncDispose]() {
      await end(running.child, 'SIGTERM');
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(dataFolder: string, port: string, flags: readonly string[]): Promise<Running> {
  const args = ['bin/main.ts', 'start', '--port', port, '--data', dataFolder, ...flags];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...args, '--log', 'error'],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-SAID_CHARACTERS);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Regatta is ready: (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    // Nobody reads on; a full pipe would stop the server.
    child.stdout.resume();
    return { child, url };
  }
  throw new Error(`The server ended before it was ready: ${said.trim()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
