import { type ChildProcess, spawn } from 'node:child_process';

import { RUN_OUTPUT_BYTES } from './limits.ts';
import type { RunOptions, RunResult } from './sandbox.ts';

/** How a program without a terminal is started. */
export interface Spawning {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

/** As `timeout -s KILL` and a shell tell it. */
const KILLED_STATUS = 137;

/** Runs a program to its end or its time limit (status 137); of its output the first part is kept. */
export async function runProgram(
  { file, args, env, cwd, signal }: Spawning,
  { stdin, timeoutMs }: RunOptions,
): Promise<RunResult> {
  const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout = collect(child, 'stdout');
  const stderr = collect(child, 'stderr');
  const end = () => void child.kill('SIGKILL');
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? KILLED_STATUS));
    });
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  let room = RUN_OUTPUT_BYTES;
  child[stream]?.on('data', (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
