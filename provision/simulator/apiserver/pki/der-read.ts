/** Reading DER (ITU-T X.690): as much of it as certificates and requests for them need. */

/** A value with its tag; `bytes` has both, `content` neither tag nor length. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

/**
 * The first value of `bytes`.
 * @throws RangeError when they end too early
 */
export function readDer(bytes: Buffer): DerValue {
  const { tag, start, end } = headerOf(bytes);
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(0, end) };
}

/** The values inside of a sequence, a set or a tagged value. */
export function partsOf({ content }: DerValue): readonly DerValue[] {
  const parts: DerValue[] = [];
  let rest = content;
  while (rest.length > 0) {
    const part = readDer(rest);
    parts.push(part);
    rest = rest.subarray(part.bytes.length);
  }
  return parts;
}

/** An object identifier in dotted form. */
export function dottedOf({ content }: DerValue): string {
  const [first = 0, ...rest] = content;
  const arcs = [Math.min(2, Math.floor(first / 40))];
  arcs.push(first - (arcs[0] ?? 0) * 40);
  let arc = 0;
  for (const byte of rest) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs.join('.');
}

/** What an extension of a certificate, or of a request for one, holds (RFC 5280, section 4.1); undefined when it is not there. */
export function extensionIn(extensions: readonly DerValue[], oid: string): DerValue | undefined {
  for (const extension of extensions) {
    // Between the two may stand whether it is critical.
    const [type, ...rest] = partsOf(extension);
    const value = rest.at(-1);
    if (type && value && dottedOf(type) === oid) return value;
  }
  return undefined;
}

/** The bytes of a bit string without unused bits. */
export function bitsOf({ content }: DerValue): Buffer {
  return content.subarray(1);
}

function headerOf(bytes: Buffer): { tag: number; start: number; end: number } {
  const tag = bytes.readUInt8(0);
  const first = bytes.readUInt8(1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (start + length > bytes.length) throw new RangeError('a value is cut off');
  return { tag, start, end: start + length };
}
