/** What a client says of itself before anything is encrypted (RFC 8446, section 4.1.2; RFC 6066; RFC 7301). */
export interface ClientHello {
  /** SNI, in lower case; undefined when the client names no host. */
  readonly serverName: string | undefined;
  /** ALPN, in the client's order. */
  readonly applicationProtocols: readonly string[];
}

/** What the first bytes of a connection are: `incomplete` asks for more of them. */
export type ClientHelloRead =
  | { readonly type: 'hello'; readonly hello: ClientHello }
  | { readonly type: 'incomplete' }
  | { readonly type: 'other' };

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;
/** Largest record of TLS (RFC 8446, section 5.1), with what older versions add. */
const RECORD_LIMIT_BYTES = 16_384 + 2_048;
const SERVER_NAME = 0;
const ALPN = 16;

/** Reads a ClientHello without taking anything away; it has to fit into one record, as those of all clients do. */
export function readClientHello(bytes: Buffer): ClientHelloRead {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return OTHER;
  if (bytes.length > 1 && bytes[1] !== 3) return OTHER;
  if (bytes.length < RECORD_HEADER_BYTES) return INCOMPLETE;
  const length = bytes.readUInt16BE(3);
  if (length > RECORD_LIMIT_BYTES) return OTHER;
  if (bytes.length > RECORD_HEADER_BYTES && bytes[RECORD_HEADER_BYTES] !== CLIENT_HELLO) {
    return OTHER;
  }
  if (bytes.length < RECORD_HEADER_BYTES + length) return INCOMPLETE;
  const hello = parse(
    new Fields(bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length)),
  );
  return hello ? { type: 'hello', hello } : OTHER;
}

const INCOMPLETE = { type: 'incomplete' } as const;
const OTHER = { type: 'other' } as const;

/** undefined for what claims a length that it does not have. */
function parse(record: Fields): ClientHello | undefined {
  // Type, length, version, random.
  record.skip(1 + 3 + 2 + 32);
  // Session, cipher suites, compression methods.
  record.skip(record.number(1));
  record.skip(record.number(2));
  record.skip(record.number(1));
  // Old clients have no extensions at all.
  const extensions = record.isAtEnd ? new Fields(Buffer.alloc(0)) : record.part(2);
  let serverName: string | undefined;
  let applicationProtocols: readonly string[] = [];
  while (!extensions.isAtEnd && !extensions.isBroken) {
    const type = extensions.number(2);
    const data = extensions.part(2);
    if (type === SERVER_NAME) serverName = nameIn(data);
    else if (type === ALPN) applicationProtocols = protocolsIn(data);
  }
  if (record.isBroken || extensions.isBroken) return undefined;
  return { serverName, applicationProtocols };
}

function nameIn(data: Fields): string | undefined {
  const names = data.part(2);
  while (!names.isAtEnd && !names.isBroken) {
    const isHost = names.number(1) === 0;
    const name = names.part(2).text();
    if (isHost) return name.toLowerCase();
  }
  return undefined;
}

function protocolsIn(data: Fields): readonly string[] {
  const list = data.part(2);
  const protocols: string[] = [];
  while (!list.isAtEnd && !list.isBroken) protocols.push(list.part(1).text());
  return protocols;
}

/** Numbers and parts of known length, one after the other; what goes past the end makes it broken. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;
  #isBroken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) this.#isBroken = true;
  }

  number(size: 1 | 2): number {
    const from = this.#at;
    this.skip(size);
    return this.#isBroken ? 0 : this.#bytes.readUIntBE(from, size);
  }

  /** A part whose length is written before it. */
  part(size: 1 | 2): Fields {
    const length = this.number(size);
    const from = this.#at;
    this.skip(length);
    return new Fields(this.#isBroken ? Buffer.alloc(0) : this.#bytes.subarray(from, from + length));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
