import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  readConfig,
  type RunningServer,
  type ServerConfig,
  startServer,
} from '../../server/index.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly dataFolder: string;
  /** Ends the server and starts it again on the same data and port. */
  restart(): Promise<void>;
}

/**
 * A server of our own labs on a free port, with a data folder that goes with it.
 * @param change what no flag says, such as times too short for a class
 */
export async function startTestServer(
  flags: Readonly<Record<string, string>> = {},
  change: Partial<ServerConfig> = {},
): Promise<TestServer> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'regatta-test-'));
  const start = (port: string) =>
    startServer({
      ...readConfig({ data: dataFolder, port, log: 'error', ...flags }, {}),
      ...change,
    });
  let server = await start('0');
  return {
    get server() {
      return server;
    },
    dataFolder,
    async restart() {
      const { port } = new URL(server.url);
      await server[Symbol.asyncDispose]();
      server = await start(port);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
