/** exec and attach over WebSocket channels (Kubernetes documentation, "Get a Shell to a Running Container"; remotecommand v4 and v5). */
import type { Readable } from 'node:stream';

import type { WebSocket } from 'ws';

import { ApiError } from '../../client/api-error.ts';
import type { ExecProcess } from '../../node/kubelet.ts';
import { internalError } from '../errors.ts';
import { isJsonObject, numberAt } from '../objects/json.ts';
import { messageBytes, sendMessage } from './websocket.ts';

/** Starts the command or gets hold of the container's own process. */
export type Attach = () => Promise<ExecProcess>;

export interface RemoteCommand {
  readonly start: Attach;
  readonly isTty: boolean;
  readonly hasStdin: boolean;
  readonly protocol: string;
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
  await sendMessage(connection, Buffer.from([CHANNEL.stdout]));
  const process = await startOrRefuse(connection, remote);
  if (!process) return;
  receive = (message) => obey(process, message);
  for (const message of early.splice(0)) receive(message);
  connection.on('close', () => process.kill());
  // A client that gave its input up early is no reason to fail.
  process.stdin.on('error', () => undefined);
  const [exitCode] = await Promise.all([
    process.exited,
    copy(process.stdout, connection, CHANNEL.stdout),
    remote.isTty ? undefined : copy(process.stderr, connection, CHANNEL.stderr),
  ]);
  await finish(connection, exitStatus(exitCode));
}

async function startOrRefuse(
  connection: WebSocket,
  remote: RemoteCommand,
): Promise<ExecProcess | undefined> {
  try {
    return await remote.start();
  } catch (error) {
    const refusal =
      error instanceof ApiError
        ? error
        : internalError(error instanceof Error ? error.message : String(error));
    await finish(connection, refusal.toStatus());
    return undefined;
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

function resize(process: ExecProcess, data: Buffer): void {
  const size = parseSize(data.toString('utf8'));
  const columns = numberAt(size, 'Width');
  const rows = numberAt(size, 'Height');
  if (columns !== undefined && rows !== undefined) process.resize(columns, rows);
}

function parseSize(text: string): unknown {
  try {
    const size: unknown = JSON.parse(text);
    return isJsonObject(size) ? size : undefined;
  } catch {
    // A size that cannot be read leaves the terminal as it is.
    return undefined;
  }
}

async function copy(from: Readable, to: WebSocket, channel: number): Promise<void> {
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
