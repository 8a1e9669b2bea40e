import type { Socket } from 'socket.io';

import type { ClientEvents } from '#protocol';

import { Allowance } from '../allowance.ts';
import { CALL_COST, MESSAGE_PARTS, MESSAGE_RATE, RESIZE_COST, UNREAD_BYTES } from '../limits.ts';

/** What each message of a page costs of its learner's rate; others end the connection. */
const COSTS: Readonly<Record<keyof ClientEvents, number>> = {
  'session:join': CALL_COST,
  'session:locale': CALL_COST,
  'session:active': CALL_COST,
  'session:extend': CALL_COST,
  'session:ping': 1,
  'session:leave': CALL_COST,
  'step:check': CALL_COST,
  'terminal:open': CALL_COST,
  'terminal:attach': CALL_COST,
  'terminal:input': 1,
  'terminal:take': RESIZE_COST,
  'terminal:resize': RESIZE_COST,
  'terminal:ack': 1,
  'terminal:close': CALL_COST,
};
const COST_OF_NAME: ReadonlyMap<unknown, number> = new Map(Object.entries(COSTS));

/** First character of a packet that asks for a namespace (socket.io protocol, version 5). */
const CONNECT = '0';

/** The parts of a socket that the gate is built into. */
type GuardedSocket = Pick<Socket, 'use' | 'on' | 'disconnect' | 'conn'>;

/**
 * Ends the connection of a page that sends what no page of ours sends, more than `take` allows, or that does not read.
 * @param take spends of the learner's rate; false when nothing is left
 */
export function guardMessages(socket: GuardedSocket, take: (cost: number) => boolean): void {
  socket.use((message: readonly unknown[], next) => {
    const cost = message.length <= MESSAGE_PARTS ? COST_OF_NAME.get(message[0]) : undefined;
    if (cost !== undefined && take(cost)) next();
    else socket.disconnect(true);
  });
  // Whatever else has ended the socket: a connection that waits for its last bytes to be read would stay.
  socket.on('disconnect', () => socket.conn.close(true));
  boundUnread(socket);
}

/**
 * Ends a connection whose packets come too fast, whoever has opened it, or that asks to be let in again and again: what
 * is no message of an admitted page never comes to `guardMessages`.
 */
export function guardConnection(conn: Socket['conn']): void {
  const packets = new Allowance(MESSAGE_RATE);
  let requestCount = 0;
  conn.on('packet', ({ data }: { readonly data?: unknown }) => {
    if (typeof data === 'string' && data.startsWith(CONNECT)) requestCount++;
    if (requestCount > 1 || !packets.take('')) conn.close(true);
  });
}

/** What a page does not read waits in memory: the connection ends before that is too much. */
function boundUnread({ conn }: GuardedSocket): void {
  let waitingBytes = 0;
  conn.on('packetCreate', ({ data }: { readonly data?: unknown }) => {
    if (waitingBytes > UNREAD_BYTES) conn.close(true);
    waitingBytes += sizeOf(data);
  });
  // Packets go on when those before them have left: what never leaves keeps the others here.
  conn.on('flush', () => {
    waitingBytes = 0;
  });
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length;
  return data instanceof Uint8Array ? data.byteLength : 0;
}
