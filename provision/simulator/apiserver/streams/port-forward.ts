import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import { SpdyConnection, type SpdyStream } from '../spdy/connection.ts';
import { messageBytes, sendMessage } from './websocket.ts';

/** Opens a byte stream to a port of the pod. */
export type OpenPort = (port: number) => Promise<Duplex>;

/**
 * Forwards connections of one pod: SPDY/3.1 inside the binary messages of a WebSocket, as kubectl speaks it since 1.31.
 * Each connection is an error stream and a data stream with the same requestID header.
 */
export function forwardOverWebSocket(connection: WebSocket, open: OpenPort): void {
  const spdy = new SpdyConnection(
    (bytes) => sendMessage(connection, bytes),
    (stream) => void forwardStream(stream, open),
  );
  connection.on('message', (data) => spdy.receive(messageBytes(data)));
  connection.on('close', () => spdy.destroy());
}

const errorStreams = new WeakMap<SpdyConnection, Map<string, SpdyStream>>();

/** Takes a stream of a forwarded connection; the data stream opens the port. */
export async function forwardStream(stream: SpdyStream, open: OpenPort): Promise<void> {
  const { streamtype: type, port = '', requestid: id = '' } = stream.headers;
  const known = errorStreams.get(stream.connection) ?? new Map<string, SpdyStream>();
  errorStreams.set(stream.connection, known);
  if (type === 'error') {
    known.set(id, stream);
    stream.resume();
    return;
  }
  const errors = known.get(id);
  known.delete(id);
  try {
    await join(stream, await open(Number(port)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    errors?.write(
      `an error occurred forwarding ${port} -> ${port}: error forwarding port ${port} to pod: ${why}`,
    );
    stream.end();
  }
  errors?.end();
}

/** Copies both ways until both sides have ended. */
function join(left: SpdyStream, right: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 2;
    const done = () => {
      open -= 1;
      if (open === 0) resolve();
    };
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      from.on('end', done);
      from.on('error', (error) => {
        to.destroy();
        reject(error);
      });
      from.on('close', () => {
        to.end();
        resolve();
      });
      from.pipe(to);
    }
  });
}
