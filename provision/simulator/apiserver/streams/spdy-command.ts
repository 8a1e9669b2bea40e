import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import type { ExecProcess } from '../../node/kubelet.ts';
import type { SpdyStream } from '../spdy/connection.ts';
import { exitStatus, resize, startOrStatus, type RemoteCommand } from './remote-command.ts';

/**
 * exec and attach over SPDY streams (remotecommand v4): the client opens a stream for each of error, stdin, stdout,
 * stderr and resize that it wants; the command starts when all are there.
 */
export class SpdyCommand {
  readonly #remote: RemoteCommand;
  readonly #streams = new Map<string, SpdyStream>();

  constructor(remote: RemoteCommand) {
    this.#remote = remote;
  }

  /** Takes a stream that the client opened. */
  accept(stream: SpdyStream): void {
    this.#streams.set(stream.headers['streamtype'] ?? '', stream);
    if (this.#wanted().every((type) => this.#streams.has(type))) void this.#run();
  }

  #wanted(): readonly string[] {
    const { isTty, hasStdin, hasStdout, hasStderr } = this.#remote;
    const wanted = { stdin: hasStdin, stdout: hasStdout, stderr: hasStderr, resize: isTty };
    const types = Object.entries(wanted).filter(([, isWanted]) => isWanted);
    return ['error', ...types.map(([type]) => type)];
  }

  async #run(): Promise<void> {
    const errors = this.#streams.get('error');
    errors?.resume();
    const process = await startOrStatus(this.#remote.start);
    const status = 'exited' in process ? await this.#copy(process) : process;
    errors?.end(JSON.stringify(status));
    for (const stream of this.#streams.values()) stream.end();
  }

  async #copy(process: ExecProcess): Promise<object> {
    const stdin = this.#streams.get('stdin');
    const [stdout, stderr] = [this.#streams.get('stdout'), this.#streams.get('stderr')];
    process.stdin.on('error', () => undefined);
    stdin?.pipe(process.stdin);
    this.#streams.get('resize')?.on('data', (data: Buffer) => resize(process, data));
    stdout?.on('close', () => process.kill());
    forward(process.stdout, stdout);
    forward(process.stderr, stderr);
    const outputs = [process.stdout, ...(stderr ? [process.stderr] : [])];
    const [exitCode] = await Promise.all([
      process.exited,
      ...outputs.map((output) => finished(output, { writable: false })),
    ]);
    return exitStatus(exitCode);
  }
}

function forward(from: Readable, to: SpdyStream | undefined): void {
  if (to) from.pipe(to, { end: false });
  else from.resume();
}
