import { decodeFrame, encodeFrame } from './wire-frames.ts';

/** A packet of socket.io (https://socket.io/docs/v4/custom-parser/). */
export interface WirePacket {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number;
}

/** Types of packets (socket.io protocol, version 5). */
const TYPES = { connect: 0, disconnect: 1, event: 2, answer: 3, connectError: 4 } as const;
const NAMESPACE = '/';
const TEXT = /^([0-4])(\d{0,15})([^\d].*)?$/s;
/** Names that mean something to socket.io itself; a page must not make them up. */
const RESERVED: ReadonlySet<unknown> = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

/**
 * Turns packets into messages: what terminals carry into one binary frame each, without JSON, and everything else into text
 * as socket.io's own parser does.
 */
class Encoder {
  encode(packet: WirePacket): readonly (string | Uint8Array)[] {
    const { type, data, id } = packet;
    const frame = encodeFrame(packet);
    if (frame) return [frame];
    return [`${type}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`];
  }
}

type Listener = (packet: WirePacket) => void;

/** Turns messages into packets; one that no encoder of ours makes throws, which ends the connection. */
class Decoder {
  readonly #listeners = new Set<Listener>();

  on(_event: 'decoded', listener: Listener): void {
    this.#listeners.add(listener);
  }

  off(_event: 'decoded', listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** The server's name for `off`. */
  removeListener(event: 'decoded', listener: Listener): void {
    this.off(event, listener);
  }

  /** @throws Error for a message that is none of ours */
  add(message: unknown): void {
    const packet = typeof message === 'string' ? decodeText(message) : decodeFrame(message);
    for (const listener of this.#listeners) listener(packet);
  }

  destroy(): void {
    this.#listeners.clear();
  }
}

/** What `parser` of both sides takes. */
export const wire = { Encoder, Decoder } as const;

function decodeText(text: string): WirePacket {
  const [, digit = '', number = '', json] = TEXT.exec(text) ?? [];
  const type = Number(digit);
  const data: unknown = json === undefined ? undefined : JSON.parse(json);
  if (digit === '' || !isSound(type, data)) throw new Error('This is no packet of ours');
  return {
    type,
    nsp: NAMESPACE,
    ...(data !== undefined && { data }),
    ...(number !== '' && { id: Number(number) }),
  };
}

function isSound(type: number, data: unknown): boolean {
  switch (type) {
    case TYPES.connect:
      return data === undefined || isFields(data);
    case TYPES.disconnect:
      return data === undefined;
    case TYPES.event:
      return Array.isArray(data) && typeof data[0] === 'string' && !RESERVED.has(data[0]);
    case TYPES.answer:
      return Array.isArray(data);
    default:
      return typeof data === 'string' || isFields(data);
  }
}

function isFields(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
