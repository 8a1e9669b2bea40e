import type { Duplex } from 'node:stream';

import type { NetworkErrorCode } from '../../../net/network.ts';
import { NetworkError } from '../../../net/network.ts';
import type { Tool, ToolContext, ToolResult } from '../../../programs/program.ts';
import { output, refusal } from './answer.ts';
import { untilAborted } from './until-aborted.ts';

/** What nc takes in at most before it ends. */
const ANSWER_LIMIT_BYTES = 8 * 1024 * 1024;

/** nc as a client: `nc [-v] [-z] [-w SEC] HOST PORT`; standard input goes out, what comes back is printed. */
export const nc: Tool = async (args, context) => {
  const words = [...args];
  let flags = '';
  let waitMs: number | undefined;
  const places: string[] = [];
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '-w' || word === '-q') waitMs = Number(words.shift()) * 1000;
    else if (word.startsWith('-')) flags += word.slice(1);
    else places.push(word);
  }
  if (flags.includes('l')) return refusal('nc: the Regatta simulator has nc as a client only');
  const [host, port] = places;
  if (!host || !port) return refusal('usage: nc [-v] [-z] [-w SEC] HOST PORT');
  const [address] = await context.network.lookUp(host, context.signal);
  if (address === undefined) return refusal(`nc: bad address '${host}'`);
  return talk({ host, port: Number(port), address }, { flags, waitMs }, context);
};

async function talk(
  {
    host,
    port,
    address,
  }: { readonly host: string; readonly port: number; readonly address: string },
  { flags, waitMs }: { readonly flags: string; readonly waitMs: number | undefined },
  context: ToolContext,
): Promise<ToolResult> {
  const place = `${host} (${address}:${port})`;
  const timeout = new AbortController();
  using timer =
    waitMs === undefined ? undefined : context.clock.after(waitMs, () => timeout.abort());
  void timer;
  const signal = AbortSignal.any([context.signal, timeout.signal]);
  const opened = flags.includes('v') ? `${place} open\n` : '';
  try {
    const socket = await untilAborted(context.network.connect({ host, port }, signal), signal);
    if (flags.includes('z')) {
      socket.destroy();
      return { stdout: '', stderr: opened, exitCode: 0 };
    }
    const answer = await converse(socket, context.stdin, signal);
    if (context.signal.aborted) return output(answer, 130);
    return { stdout: answer, stderr: opened, exitCode: 0 };
  } catch (error) {
    if (context.signal.aborted) return output('', 130);
    return refusal(`nc: ${place}: ${reasonOf(error, timeout.signal)}`);
  }
}

function converse(socket: Duplex, stdin: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      signal.removeEventListener('abort', finish);
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    signal.addEventListener('abort', finish, { once: true });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > ANSWER_LIMIT_BYTES) finish();
    });
    socket.on('end', finish);
    socket.on('close', finish);
    socket.on('error', finish);
    socket.end(stdin);
  });
}

function reasonOf(error: unknown, timeout: AbortSignal): string {
  if (timeout.aborted) return 'Operation timed out';
  return error instanceof NetworkError ? REASONS[error.code] : 'Connection reset by peer';
}

const REASONS: Readonly<Record<NetworkErrorCode, string>> = {
  ENOTFOUND: 'bad address',
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ETIMEDOUT: 'Operation timed out',
  ECONNRESET: 'Connection reset by peer',
};
