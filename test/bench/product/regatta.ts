import { spawnServer } from '../../support/spawned-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

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
  const server = await spawnServer(command, args);
  const startedMs = performance.now() - startMs;
  stack.defer(() => server.end('SIGTERM'));
  const { url, pid } = server;
  const owned = stack.move();
  return { url, pid, startedMs, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
