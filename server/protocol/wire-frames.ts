import type { WirePacket } from './wire.ts';

/** First byte of a frame. */
const OUTPUT = 1;
const INPUT = 2;
const DRAWN = 3;
const ANSWER = 4;
const EVENT_PACKET = 2;
const ANSWER_PACKET = 3;
const NAMESPACE = '/';
const OFFSET_BYTES = 8;
/** Longer ids do not fit the byte that counts them. */
const ID_CHARACTERS = 255;
/** Type, answer's number and length of its bytes. */
const ANSWER_HEAD_BYTES = 1 + OFFSET_BYTES + 4;
/** Characters made from codes in one call; engines limit the arguments of a function. */
const TEXT_STEP = 4_096;

/**
 * The frame of a packet that has one; undefined for those that travel as text:
 * - output and acknowledgement: type, length of the terminal's id, id, offset as a float of 64 bits, and the output's bytes
 * - input in ASCII that wants no answer: type, length of the id, id, bytes
 * - an answer with bytes in `value.data`: type, its number as a float, length of the bytes, bytes, the rest as ASCII JSON
 */
export function encodeFrame({ type, data, id }: WirePacket): Uint8Array | undefined {
  if (!Array.isArray(data)) return undefined;
  if (type === ANSWER_PACKET && id !== undefined) return encodeAnswer(id, data);
  if (type !== EVENT_PACKET || id !== undefined) return undefined;
  const [name, terminal, ...parts]: readonly unknown[] = data;
  if (typeof terminal !== 'string' || terminal.length > ID_CHARACTERS || !isAscii(terminal)) {
    return undefined;
  }
  if (name === 'terminal:data') return encodeOutput(terminal, parts);
  if (name === 'terminal:ack') return encodeDrawn(terminal, parts);
  return name === 'terminal:input' ? encodeInput(terminal, parts) : undefined;
}

/** @throws Error for what `encodeFrame` does not make */
export function decodeFrame(message: unknown): WirePacket {
  const frame = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
  if (!(frame instanceof Uint8Array)) throw new Error('This is no frame');
  if (frame[0] === ANSWER) return decodeAnswer(frame);
  const end = 2 + (frame[1] ?? 0);
  const body = frame.length - end;
  if (body < 0) throw new Error('This frame ends within the id of its terminal');
  const terminal = readAscii(frame.subarray(2, end));
  if (frame[0] === OUTPUT && body >= OFFSET_BYTES) {
    const output = frame.subarray(end + OFFSET_BYTES);
    return eventOf('terminal:data', terminal, viewOf(frame).getFloat64(end), output);
  }
  if (frame[0] === DRAWN && body === OFFSET_BYTES) {
    return eventOf('terminal:ack', terminal, viewOf(frame).getFloat64(end));
  }
  if (frame[0] === INPUT) return eventOf('terminal:input', terminal, frame.subarray(end));
  throw new Error('This is no frame of ours');
}

function encodeOutput(terminal: string, parts: readonly unknown[]): Uint8Array | undefined {
  const [offset, output] = parts;
  if (typeof offset !== 'number' || !(output instanceof Uint8Array)) return undefined;
  const { frame, end } = headOf(OUTPUT, terminal, OFFSET_BYTES + output.length);
  viewOf(frame).setFloat64(end, offset);
  frame.set(output, end + OFFSET_BYTES);
  return frame;
}

function encodeDrawn(terminal: string, parts: readonly unknown[]): Uint8Array | undefined {
  const [offset] = parts;
  if (typeof offset !== 'number' || parts.length !== 1) return undefined;
  const { frame, end } = headOf(DRAWN, terminal, OFFSET_BYTES);
  viewOf(frame).setFloat64(end, offset);
  return frame;
}

function encodeInput(terminal: string, parts: readonly unknown[]): Uint8Array | undefined {
  const [text] = parts;
  if (typeof text !== 'string' || parts.length !== 1 || !isAscii(text)) return undefined;
  const { frame, end } = headOf(INPUT, terminal, text.length);
  writeAscii(frame, end, text);
  return frame;
}

function encodeAnswer(id: number, data: readonly unknown[]): Uint8Array | undefined {
  const [answer] = data;
  if (!isFields(answer) || !isFields(answer['value'])) return undefined;
  const { data: bytes, ...rest } = answer['value'];
  if (!(bytes instanceof Uint8Array)) return undefined;
  const json = asciiJson({ ...answer, value: rest });
  const frame = new Uint8Array(ANSWER_HEAD_BYTES + bytes.length + json.length);
  frame[0] = ANSWER;
  viewOf(frame).setFloat64(1, id);
  viewOf(frame).setUint32(1 + OFFSET_BYTES, bytes.length);
  frame.set(bytes, ANSWER_HEAD_BYTES);
  writeAscii(frame, ANSWER_HEAD_BYTES + bytes.length, json);
  return frame;
}

function decodeAnswer(frame: Uint8Array): WirePacket {
  if (frame.length < ANSWER_HEAD_BYTES) throw new Error('This answer has no head');
  const id = viewOf(frame).getFloat64(1);
  const end = ANSWER_HEAD_BYTES + viewOf(frame).getUint32(1 + OFFSET_BYTES);
  if (!Number.isSafeInteger(id) || id < 0 || end > frame.length) {
    throw new Error('This answer does not fit its frame');
  }
  const rest: unknown = JSON.parse(readAscii(frame.subarray(end)));
  if (!isFields(rest) || !isFields(rest['value'])) throw new Error('This answer has no value');
  const value = { ...rest['value'], data: frame.subarray(ANSWER_HEAD_BYTES, end) };
  return { type: ANSWER_PACKET, nsp: NAMESPACE, id, data: [{ ...rest, value }] };
}

function eventOf(...data: readonly unknown[]): WirePacket {
  return { type: EVENT_PACKET, nsp: NAMESPACE, data };
}

function headOf(type: number, terminal: string, bodyBytes: number) {
  const end = 2 + terminal.length;
  const frame = new Uint8Array(end + bodyBytes);
  frame[0] = type;
  frame[1] = terminal.length;
  writeAscii(frame, 2, terminal);
  return { frame, end };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u0080-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function writeAscii(frame: Uint8Array, from: number, text: string): void {
  for (let index = 0; index < text.length; index++) frame[from + index] = text.charCodeAt(index);
}

function readAscii(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += TEXT_STEP) {
    text += String.fromCharCode(...bytes.subarray(from, from + TEXT_STEP));
  }
  return text;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
