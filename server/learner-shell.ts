import type { StartingState } from '../provision/index.ts';
import { ConfigError, type ServerConfig } from './config.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { prepareSelfCheck } from './self-check/index.ts';
import type { SelfCheckTools } from './self-check/play-lab.ts';
import { connectAddresses, connectDns } from './session/addresses.ts';
import { startingStateOf } from './session/start-session.ts';

/** What `regatta shell` opens. */
export interface LearnerShellRequest {
  /** Empty for an interactive shell. */
  readonly command: readonly string[];
  readonly startingState: StartingState;
  /** Start as this lab starts. */
  readonly lab?: string;
}

/** Longest run of a command given on the command line. */
const COMMAND_LIMIT_MS = 24 * 3600_000;

/**
 * A learner's shell on this process's own terminal, with a fresh cluster; settles with the exit status.
 * @throws ConfigError for an unknown lab, SandboxError where no shell can be confined
 */
export async function openLearnerShell(
  config: ServerConfig,
  request: LearnerShellRequest,
): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { labs, tools } = stack.use(await prepareSelfCheck(config));
  const lab = labs.find(({ id }) => id === request.lab);
  if (request.lab !== undefined && !lab) {
    throw new ConfigError(`There is no lab "${request.lab}" that can be opened`);
  }
  const startingState = lab ? startingStateOf(lab) : request.startingState;
  const start = { startingState, usesDns: lab?.usesDns ?? false };
  const { sandbox } = stack.use(
    await openLearnerBox(tools, start, (problem) => process.stderr.write(`${problem}\n`)),
  );
  if (request.command.length > 0 && !process.stdin.isTTY) {
    const result = await sandbox.run({ command: request.command, timeoutMs: COMMAND_LIMIT_MS });
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    return result.code;
  }
  return interact(sandbox, request.command);
}

/** A sandbox in which a cluster of its own answers. Disposing of it ends both. */
export interface LearnerBox extends AsyncDisposable {
  readonly sandbox: Sandbox;
}

/** Makes a cluster and a sandbox, and settles when the first addresses of the one answer in the other. */
export async function openLearnerBox(
  { provider, sandboxes }: SelfCheckTools,
  start: { readonly startingState: StartingState; readonly usesDns: boolean },
  onProblem: (problem: string) => void,
): Promise<LearnerBox> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await provider.create({ startingState: start.startingState }));
  const kubeconfig = cluster.learnerKubeconfig;
  const { usesDns } = start;
  const sandbox = stack.use(await sandboxes.create({ kubeconfig, locale: 'en', usesDns }));
  if (usesDns) await connectDns(cluster, sandbox, onProblem);
  const answering = Promise.withResolvers<void>();
  stack.use(connectAddresses(cluster, sandbox, onProblem, answering.resolve));
  await answering.promise;
  const owned = stack.move();
  return { sandbox, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Joins this terminal and one in the sandbox until the program there ends. */
async function interact(sandbox: Sandbox, command: readonly string[]): Promise<number> {
  const { stdin, stdout } = process;
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const terminal = sandbox.open(size(), command.length > 0 ? { command } : {});
  const resize = () => terminal.resize(size());
  terminal.onData((data) => stdout.write(data));
  if (stdin.isTTY) stdin.setRawMode(true);
  const type = (data: Buffer) => terminal.write(data);
  stdin.on('data', type);
  stdout.on('resize', resize);
  try {
    return await new Promise((resolve) => {
      terminal.onExit(({ code, signal }) => resolve(signal ? 128 + signal : code));
    });
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off('data', type);
    stdin.pause();
    stdout.off('resize', resize);
    await terminal.kill();
  }
}
