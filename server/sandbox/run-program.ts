import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

import { RUN_OUTPUT_BYTES } from './limits.ts';
import type { BytesResult, RunOptions, RunResult } from './sandbox.ts';

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
export async function runProgram(spawning: Spawning, options: RunOptions): Promise<RunResult> {
  const kept = { outputBytes: RUN_OUTPUT_BYTES, beyond: 'drop' } as const;
  const { code, stdout, stderr } = await runForBytes(spawning, { ...options, ...kept });
  return { code, stdout: stdout.toString('utf8'), stderr };
}

/** The same with the output as bytes. What comes beyond `outputBytes` is dropped, or ends the program. */
export async function runForBytes(
  { file, args, env, cwd, signal }: Spawning,
  options: RunOptions & { readonly outputBytes: number; readonly beyond: 'drop' | 'end' },
): Promise<BytesResult> {
  const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const end = () => void child.kill('SIGKILL');
  const stdout = collect(child.stdout, {
    limitBytes: options.outputBytes,
    onMore: options.beyond === 'end' ? end : () => undefined,
  });
  const stderr = collect(child.stderr, { limitBytes: RUN_OUTPUT_BYTES, onMore: () => undefined });
  const timer = setTimeout(end, options.timeoutMs);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? KILLED_STATUS));
    });
    const { bytes, isCut } = stdout();
    return { code, stdout: bytes, stderr: stderr().bytes.toString('utf8'), isCut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function collect(
  stream: Readable,
  { limitBytes, onMore }: { readonly limitBytes: number; readonly onMore: () => void },
): () => { readonly bytes: Buffer; readonly isCut: boolean } {
  const chunks: Buffer[] = [];
  let room = limitBytes;
  stream.on('data', (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) onMore();
  });
  return () => ({ bytes: Buffer.concat(chunks), isCut: room < 0 });
}
