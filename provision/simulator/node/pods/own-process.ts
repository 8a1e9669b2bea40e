import { PassThrough } from 'node:stream';

import type { ExecOptions, ExecProcess } from '../kubelet.ts';
import type { ContainerLog } from '../logs/container-log.ts';

/** A container's own process as `kubectl attach` reaches it; everything it writes is in the log too. */
export class OwnProcess {
  readonly #log: ContainerLog;
  readonly #exited: Promise<number>;
  readonly #process: ExecProcess | undefined;
  readonly #readers = new Set<PassThrough>();

  /** @param process the process when it is one of the shell's; programs have only their log */
  constructor(log: ContainerLog, exited: Promise<number>, process?: ExecProcess) {
    this.#log = log;
    this.#exited = exited;
    this.#process = process;
    for (const stream of process ? [process.stdout, process.stderr] : []) {
      stream.on('data', (bytes: Buffer) => {
        log.write(bytes.toString());
        for (const reader of this.#readers) reader.write(bytes);
      });
    }
  }

  /** A view of the process: ending it ends the view only. */
  attach(options: ExecOptions): ExecProcess {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const stop = this.#process ? this.#join(stdout, options) : this.#followLog(stdout);
    const detached = Promise.withResolvers<number>();
    if (this.#process && options.hasStdin) {
      stdin.on('data', (bytes: Buffer) => this.#process?.stdin.write(bytes));
      // Without a terminal the end of input is part of the conversation; with one it is only the client leaving.
      if (!options.isTty) stdin.on('end', () => this.#process?.stdin.end());
    } else {
      stdin.resume();
    }
    const exited = Promise.race([this.#exited, detached.promise]).then((exitCode) => {
      stop();
      stdout.end();
      stderr.end();
      return exitCode;
    });
    return {
      stdin,
      stdout,
      stderr,
      exited,
      resize: (columns, rows) => this.#process?.resize(columns, rows),
      kill: () => detached.resolve(0),
    };
  }

  #join(stdout: PassThrough, { isTty }: ExecOptions): () => void {
    // A shell has written its prompt before anybody can attach; without it the terminal would look dead.
    if (isTty && this.#log.partial) stdout.write(this.#log.partial);
    this.#readers.add(stdout);
    return () => void this.#readers.delete(stdout);
  }

  #followLog(stdout: PassThrough): () => void {
    let cursor = this.#log.read(0).next;
    let waiting: Disposable | undefined;
    const pass = () => {
      const { lines, next } = this.#log.read(cursor);
      cursor = next;
      for (const { text } of lines) stdout.write(`${text}\n`);
      waiting = this.#log.onNext(pass);
    };
    pass();
    return () => waiting?.[Symbol.dispose]();
  }
}
