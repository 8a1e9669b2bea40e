import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { spawnServer } from './spawned-server.ts';

/** The server as a process of its own, which can be killed as a machine's failure would. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly dataFolder: string;
  /** Ends it as ^C in its terminal does. */
  interrupt(): Promise<void>;
  /** Ends it without a word (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  startAgain(): Promise<void>;
}

/** Starts `regatta start` on a free port, with a data folder that goes with it. @throws Error when it does not listen */
export async function startServerProcess(): Promise<ServerProcess> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'regatta-test-'));
  const start = (port: string) => {
    const flags = ['--port', port, '--data', dataFolder, '--log', 'error'];
    const node = ['--disable-warning=ExperimentalWarning', 'bin/main.ts', 'start'];
    return spawnServer(process.execPath, [...node, ...flags]);
  };
  let running = await start('0');
  return {
    get url() {
      return running.url;
    },
    dataFolder,
    interrupt: () => running.end('SIGINT'),
    kill: () => running.kill(),
    async startAgain() {
      running = await start(new URL(running.url).port);
    },
    async [Symbol.asyncDispose]() {
      await running.end('SIGTERM');
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
