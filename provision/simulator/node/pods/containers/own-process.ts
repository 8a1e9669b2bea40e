import { PassThrough } from 'node:stream';

import type { ExecOptions, ExecProcess } from '../../kubelet.ts';
import { ATTACH_BACKLOG_LIMIT_BYTES, ATTACH_REST_MS } from '../../limits.ts';
import type { ContainerLog } from '../../logs/container-log.ts';

/** Someone who sees what the process writes. */
interface Viewer {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

/** A container's own process as `kubectl attach` reaches it; everything it writes is in the log too. */
export class OwnProcess {
  readonly #log: ContainerLog;
  readonly #exited: Promise<number>;
  readonly #process: ExecProcess | undefined;
  readonly #viewers = new Set<Viewer>();

  /** @param process the process when it is one of the shell's; programs have only their log */
  constructor(log: ContainerLog, exited: Promise<number>, process?: ExecProcess) {
    this.#log = log;
    this.#exited = exited;
    this.#process = process;
    process?.stdout.on('data', (bytes: Buffer) => this.#show('stdout', bytes));
    process?.stderr.on('data', (bytes: Buffer) => this.#show('stderr', bytes));
  }

  /** A view of the process: ending it ends the view only, and what the process ends with is not the view's business. */
  attach(options: ExecOptions): ExecProcess {
    const stdin = new PassThrough();
    const viewer = { stdout: new PassThrough(), stderr: new PassThrough() };
    const stop = this.#process ? this.#join(viewer, options) : this.#followLog(viewer.stdout);
    const detached = Promise.withResolvers<void>();
    this.#feed(stdin, options, () => detached.resolve());
    const exited = Promise.race([this.#exited, detached.promise]).then(() => {
      stop();
      viewer.stdout.end();
      viewer.stderr.end();
      return 0;
    });
    return {
      stdin,
      ...viewer,
      exited,
      resize: (columns, rows) => this.#process?.resize(columns, rows),
      kill: () => detached.resolve(),
    };
  }

  /** As containerd does: the end of input reaches the process only with `stdinOnce` and no terminal, else it ends the view. */
  #feed(stdin: PassThrough, options: ExecOptions, detach: () => void): void {
    const process = this.#process;
    if (!process || !options.hasStdin) {
      stdin.resume();
      return;
    }
    // A process that has ended or takes no more input is no reason to fail.
    process.stdin.on('error', () => undefined);
    stdin.pipe(process.stdin, { end: false });
    stdin.on('end', () => {
      if (options.endsInput && !options.isTty) process.stdin.end();
      // What the input brought about is still shown.
      else this.#log.clock.after(ATTACH_REST_MS, detach);
    });
  }

  #show(stream: keyof Viewer, bytes: Buffer): void {
    this.#log.write(bytes.toString());
    for (const viewer of this.#viewers) {
      // Nobody may slow the process down by looking away: they miss something instead.
      if (viewer[stream].writableLength < ATTACH_BACKLOG_LIMIT_BYTES) viewer[stream].write(bytes);
    }
  }

  #join(viewer: Viewer, { isTty }: ExecOptions): () => void {
    // A shell has written its prompt before anybody can attach; without it the terminal would look dead.
    if (isTty && this.#log.partial) viewer.stdout.write(this.#log.partial);
    this.#viewers.add(viewer);
    return () => void this.#viewers.delete(viewer);
  }

  #followLog(stdout: PassThrough): () => void {
    let cursor = this.#log.read(0).next;
    let waiting: Disposable | undefined;
    const pass = () => {
      const { lines, next } = this.#log.read(cursor);
      cursor = next;
      for (const { text, isPartial } of lines) {
        if (stdout.writableLength > ATTACH_BACKLOG_LIMIT_BYTES) continue;
        stdout.write(isPartial ? text : `${text}\n`);
      }
      waiting = this.#log.onNext(pass);
    };
    pass();
    return () => waiting?.[Symbol.dispose]();
  }
}
