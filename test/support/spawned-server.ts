import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of what a server says on its standard error, for the report of one that does not start. */
const SAID_CHARACTERS = 1_000;

/** A server that listens, in a process group of its own, as one that was started in a terminal. */
export interface SpawnedServer {
  /** The one address to open. */
  readonly url: string;
  /** Of the process that was started: the server's own, or npm's. */
  readonly pid: number;
  /** Tells the whole group, as ^C (SIGINT) does; settles when it has ended. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<void>;
  /** Ends the process alone, without a word (SIGKILL). */
  kill(): Promise<void>;
}

/**
 * Starts a command that ends in `regatta start`. It ends with this process, whatever ends that.
 * @throws Error when it ends instead of listening
 */
export async function spawnServer(
  command: string,
  args: readonly string[],
): Promise<SpawnedServer> {
  const child = spawn(command, args, {
    cwd: ROOT,
    // npm and its shell pass no signals on reliably, so that all are told at once.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} does not start`);
  const ended = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const tell = () => void process.kill(-pid, 'SIGTERM');
  process.on('exit', tell);
  void ended.then(() => process.off('exit', tell));
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-SAID_CHARACTERS);
  });
  const url = await readyUrl(child.stdout);
  if (url === undefined) {
    await ended;
    throw new Error(`The server ended before it was ready: ${said.trim()}`);
  }
  return {
    url,
    pid,
    async end(signal) {
      if (!hasEnded()) process.kill(-pid, signal);
      await ended;
    },
    async kill() {
      if (!hasEnded()) child.kill('SIGKILL');
      await ended;
    },
  };
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
