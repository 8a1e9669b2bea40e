/** Values that the databases' conversation needs, of all that BSON has (bsonspec.org). */
export type BsonValue = number | string | boolean | readonly BsonValue[] | BsonDocument;
export interface BsonDocument {
  readonly [name: string]: BsonValue;
}

/** A document, or a list as BSON has it: a document whose keys are the places. */
export function encodeBson(document: BsonDocument | readonly BsonValue[]): Buffer {
  const elements = Object.entries(document).map(([name, value]) => element(name, value));
  const body = Buffer.concat([...elements, Buffer.from([0])]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function element(name: string, value: BsonValue): Buffer {
  const head = (type: number) => Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`)]);
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`);
    return Buffer.concat([head(0x02), int32(text.length), text]);
  }
  if (typeof value === 'boolean') return Buffer.concat([head(0x08), Buffer.from([value ? 1 : 0])]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return Buffer.concat([head(0x01), bytes]);
  }
  return Buffer.concat([head(Array.isArray(value) ? 0x04 : 0x03), encodeBson(value)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** Deepest document that is read. */
const DEPTH_LIMIT = 20;

/** @throws RangeError or Error for what is no document, or has values of other types */
export function decodeBson(bytes: Buffer, depth = 0): BsonDocument {
  if (depth > DEPTH_LIMIT) throw new Error('Cannot read BSON: it is nested too deep');
  const found: Record<string, BsonValue> = {};
  let at = 4;
  while ((bytes[at] ?? 0) !== 0) {
    const type = bytes[at] ?? 0;
    const end = bytes.indexOf(0, at + 1);
    const name = bytes.subarray(at + 1, end).toString();
    const { value, length } = decodeValue(type, bytes.subarray(end + 1), depth);
    found[name] = value;
    at = end + 1 + length;
  }
  return found;
}

function decodeValue(type: number, bytes: Buffer, depth: number) {
  switch (type) {
    case 0x01:
      return { value: bytes.readDoubleLE(0), length: 8 };
    case 0x02: {
      const size = bytes.readInt32LE(0);
      return { value: bytes.subarray(4, 3 + size).toString(), length: 4 + size };
    }
    case 0x03:
    case 0x04: {
      const length = bytes.readInt32LE(0);
      const document = decodeBson(bytes.subarray(0, length), depth + 1);
      return { value: type === 0x04 ? Object.values(document) : document, length };
    }
    case 0x08:
      return { value: bytes[0] === 1, length: 1 };
    case 0x10:
      return { value: bytes.readInt32LE(0), length: 4 };
    case 0x12:
      return { value: Number(bytes.readBigInt64LE(0)), length: 8 };
    default:
      throw new Error(`Cannot read BSON: its values have a type of ${type}`);
  }
}
