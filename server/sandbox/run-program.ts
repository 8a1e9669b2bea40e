import { type ChildProcess, spawn } from 'node:child_process';

import { RUN_OUTPUT_BYTES } from './limits.ts';
import type { RunOptions, RunResult } from './sandbox.ts';

/** How a program without a terminal is started. */
export interface Spawning {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs a program to its end or its time limit; of its output the first part is kept. */
export async function runProgram(
  { file, args, env, cwd }: Spawning,
  { stdin, timeoutMs }: RunOptions,
): Promise<RunResult> {
  const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout = collect(child, 'stdout');
  const stderr = collect(child, 'stderr');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(status ?? (signal === 'SIGKILL' ? 137 : 1)));
    });
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
  }
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child[stream]?.on('data', (chunk: Buffer) => {
    if (size < RUN_OUTPUT_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
