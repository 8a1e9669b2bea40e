/** exec and attach (Kubernetes documentation, "Get a Shell to a Running Container"), whatever carries their streams. */
import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

import type { ExecProcess } from '../../node/kubelet.ts';
import { asApiError } from '../errors.ts';
import type { Ending } from './command-status.ts';

export interface RemoteCommand {
  /** Starts the command or gets hold of the container's own process. */
  readonly start: () => Promise<ExecProcess>;
  readonly isTty: boolean;
  readonly hasStdin: boolean;
  /** What of the output the client asked for. */
  readonly hasStdout: boolean;
  readonly hasStderr: boolean;
}

/** The client's end: a stream for each thing it asked for. */
export interface CommandStreams {
  readonly stdin?: Duplex | undefined;
  readonly stdout?: Duplex | undefined;
  readonly stderr?: Duplex | undefined;
  readonly resize?: Duplex | undefined;
  /** Aborted when the client has gone; that ends the command. */
  readonly gone: AbortSignal;
}

/** Runs a command for a client to its end. */
export async function runCommand(remote: RemoteCommand, streams: CommandStreams): Promise<Ending> {
  let process: ExecProcess;
  try {
    process = await remote.start();
  } catch (error) {
    return { type: 'refused', status: asApiError(error).toStatus() };
  }
  const end = () => process.kill();
  streams.gone.addEventListener('abort', end, { once: true });
  if (streams.gone.aborted) end();
  feed(streams.stdin, process.stdin);
  streams.resize?.on('data', (data: Buffer) => resize(process, data));
  const [exitCode] = await Promise.all([
    process.exited,
    drain(process.stdout, streams.stdout),
    drain(process.stderr, streams.stderr),
  ]);
  streams.gone.removeEventListener('abort', end);
  return { type: 'exited', exitCode };
}

/** What of the client's input the process does not take is let go, so that it cannot hold up the connection. */
function feed(from: Readable | undefined, to: Writable): void {
  if (!from) return;
  // A process that gave its input up early is no reason to fail.
  to.on('error', () => undefined);
  to.on('close', () => {
    from.unpipe(to);
    from.resume();
  });
  from.on('close', () => to.end());
  from.pipe(to);
}

/** Hands output on; settles when all of it is on its way. */
async function drain(from: Readable, to: Writable | undefined): Promise<void> {
  if (to) {
    from.pipe(to, { end: false });
    // Nobody is there to take the rest.
    to.on('close', () => {
      from.unpipe(to);
      from.resume();
    });
  } else {
    from.resume();
  }
  await finished(from, { writable: false }).catch(() => undefined);
  if (to) await flushed(to);
}

/** Settles when everything written so far has been handed on: the status must come after the output. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) stream.write(Buffer.alloc(0), () => resolve());
    else resolve();
  });
}

function resize(process: ExecProcess, data: Buffer): void {
  const size = parseSize(data.toString('utf8'));
  if (size) process.resize(size.columns, size.rows);
}

/** The size of a terminal as clients send it; undefined for what is none, which leaves the terminal as it is. */
function parseSize(text: string): { readonly columns: number; readonly rows: number } | undefined {
  const match = /^\s*\{\s*"Width":\s*(\d{1,5}),\s*"Height":\s*(\d{1,5})/.exec(text);
  return match ? { columns: Number(match[1]), rows: Number(match[2]) } : undefined;
}
