/** exec and attach over WebSocket channels (Kubernetes documentation, "Get a Shell to a Running Container"; remotecommand v4 and v5). */
import type { Readable } from 'node:stream';

import type { WebSocket } from 'ws';

import type { StatusBody } from '../../client/api-error.ts';
import type { ExecProcess } from '../../node/kubelet.ts';
import { asApiError } from '../errors.ts';
import { messageBytes, sendMessage } from './websocket.ts';

/** Starts the command or gets hold of the container's own process. */
export type Attach = () => Promise<ExecProcess>;

export interface RemoteCommand {
  readonly start: Attach;
  readonly isTty: boolean;
  readonly hasStdin: boolean;
  /** What of the output the client asked for. */
  readonly hasStdout: boolean;
  readonly hasStderr: boolean;
}

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Runs a command for the client: its output and, at the end, its status; the client's going away ends it. */
export async function runOverWebSocket(
  connection: WebSocket,
  remote: RemoteCommand,
): Promise<void> {
  const early: Buffer[] = [];
  let receive = (message: Buffer): void => {
    early.push(message);
  };
  connection.on('message', (data) => receive(messageBytes(data)));
  // Tells the client that it is through.
  const first = remote.hasStdout ? CHANNEL.stdout : CHANNEL.error;
  await sendMessage(connection, Buffer.from([first]));
  const process = await startOrStatus(remote.start);
  if (!('exited' in process)) return finish(connection, process);
  receive = (message) => obey(process, message);
  for (const message of early.splice(0)) receive(message);
  connection.on('close', () => process.kill());
  // A client that gave its input up early is no reason to fail.
  process.stdin.on('error', () => undefined);
  const [exitCode] = await Promise.all([
    process.exited,
    copy(process.stdout, connection, remote.hasStdout ? CHANNEL.stdout : undefined),
    copy(process.stderr, connection, remote.hasStderr ? CHANNEL.stderr : undefined),
  ]);
  await finish(connection, exitStatus(exitCode));
}

/** The command's process, or the Status that says why there is none. */
export async function startOrStatus(start: Attach): Promise<ExecProcess | StatusBody> {
  try {
    return await start();
  } catch (error) {
    return asApiError(error).toStatus();
  }
}

async function finish(connection: WebSocket, status: object): Promise<void> {
  const text = Buffer.from(JSON.stringify(status));
  await sendMessage(connection, Buffer.concat([Buffer.from([CHANNEL.error]), text]));
  connection.close(1000);
}

function obey(process: ExecProcess, message: Buffer): void {
  const [channel] = message;
  const data = message.subarray(1);
  if (channel === CHANNEL.stdin) {
    if (data.length > 0) process.stdin.write(data);
  } else if (channel === CHANNEL.resize) resize(process, data);
  else if (channel === CHANNEL.close && data[0] === CHANNEL.stdin) process.stdin.end();
}

/** Gives the terminal the size that the client tells. */
export function resize(process: ExecProcess, data: Buffer): void {
  const size = parseSize(data.toString('utf8'));
  if (size) process.resize(size.columns, size.rows);
}

/** The size of a terminal as clients send it; undefined for what is none, which leaves the terminal as it is. */
function parseSize(text: string): { readonly columns: number; readonly rows: number } | undefined {
  const match = /^\s*\{\s*"Width":\s*(\d+),\s*"Height":\s*(\d+)/.exec(text);
  return match ? { columns: Number(match[1]), rows: Number(match[2]) } : undefined;
}

/** Sends a stream's data on a channel; without one it only lets it flow. */
async function copy(from: Readable, to: WebSocket, channel: number | undefined): Promise<void> {
  if (channel === undefined) {
    from.resume();
    return;
  }
  const head = Buffer.from([channel]);
  for await (const chunk of from) {
    await sendMessage(to, Buffer.concat([head, Buffer.from(chunk)]));
  }
}

/** The Status of a command that ended; kubectl exits with its code. */
export function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
