/** What Go's encoding/json says of text that is no JSON: clients show these words. */

/** What a value is read for: which words stand where it is broken. */
type Place = 'key' | 'object' | 'array';

/** The first thing wrong with `bytes`; undefined when they are JSON. */
export function goJsonError(bytes: Uint8Array): string | undefined {
  return new Scanner(bytes).run();
}

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };
const AFTER: Readonly<Record<Place, string>> = {
  key: 'after object key',
  object: 'after object key:value pair',
  array: 'after array element',
};
const ESCAPES = new Set('"\\/bfnrt');

class Problem extends Error {}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #places: Place[] = [];
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  run(): string | undefined {
    try {
      this.#value();
      while (this.#places.length > 0) this.#afterValue();
      if (this.#peek() !== '') this.#fail('after top-level value');
      return undefined;
    } catch (problem) {
      if (problem instanceof Problem) return problem.message;
      throw problem;
    }
  }

  /** Reads a value, of an object or list its beginning. */
  #value(): void {
    const sign = this.#need();
    if (sign === '{') this.#open();
    else if (sign === '[') this.#openList();
    else if (sign === '"') this.#string();
    else if (sign === '-' || isDigit(sign)) this.#number(sign);
    else if (LITERALS[sign] !== undefined) this.#literal(LITERALS[sign] ?? '');
    else this.#fail('looking for beginning of value');
  }

  #open(): void {
    this.#at++;
    if (this.#need() === '}') this.#at++;
    else this.#key();
  }

  #key(): void {
    if (this.#need() !== '"') this.#fail('looking for beginning of object key string');
    this.#string();
    this.#places.push('key');
  }

  #openList(): void {
    this.#at++;
    if (this.#need() === ']') {
      this.#at++;
      return;
    }
    this.#places.push('array');
    this.#value();
  }

  #afterValue(): void {
    const place = this.#places.pop() ?? 'array';
    const sign = this.#need();
    if (place === 'key' && sign === ':') {
      this.#at++;
      this.#places.push('object');
      this.#value();
    } else if (place === 'object' && sign === ',') {
      this.#at++;
      this.#key();
    } else if (place === 'array' && sign === ',') {
      this.#at++;
      this.#places.push('array');
      this.#value();
    } else if (place !== 'key' && sign === (place === 'object' ? '}' : ']')) this.#at++;
    else this.#fail(AFTER[place]);
  }

  #string(): void {
    for (this.#at++; ; this.#at++) {
      const sign = this.#raw();
      if (sign === '"') break;
      if (sign === '\\') this.#escape();
      else if (sign < ' ') this.#fail('in string literal');
    }
    this.#at++;
  }

  #escape(): void {
    this.#at++;
    const sign = this.#raw();
    if (ESCAPES.has(sign)) return;
    if (sign !== 'u') this.#fail('in string escape code');
    for (let count = 0; count < 4; count++) {
      this.#at++;
      if (!/[0-9a-f]/i.test(this.#raw())) this.#fail('in \\u hexadecimal character escape');
    }
  }

  #number(first: string): void {
    if (first === '-') {
      this.#at++;
      if (!isDigit(this.#raw())) this.#fail('in numeric literal');
    }
    if (this.#raw() === '0') this.#at++;
    else this.#digits();
    if (this.#sign() === '.') {
      this.#at++;
      if (!isDigit(this.#raw())) this.#fail('after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#sign().toLowerCase() !== 'e') return;
    this.#at++;
    if (/[+-]/.test(this.#raw())) this.#at++;
    if (!isDigit(this.#raw())) this.#fail('in exponent of numeric literal');
    this.#digits();
  }

  #digits(): void {
    while (isDigit(this.#sign())) this.#at++;
  }

  #literal(word: string): void {
    for (const expected of word) {
      if (this.#raw() !== expected) this.#fail(`in literal ${word} (expecting '${expected}')`);
      this.#at++;
    }
  }

  /** The next sign that is no space; empty at the end. */
  #peek(): string {
    while (SPACE.has(this.#bytes[this.#at] ?? 0)) this.#at++;
    return this.#sign();
  }

  /** As `#peek`, where something must follow. */
  #need(): string {
    this.#peek();
    return this.#raw();
  }

  #raw(): string {
    if (this.#at >= this.#bytes.length) throw new Problem('unexpected end of JSON input');
    return this.#sign();
  }

  #sign(): string {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? '' : String.fromCharCode(byte);
  }

  #fail(context: string): never {
    throw new Problem(`invalid character ${quoted(this.#sign())} ${context}`);
  }
}

function isDigit(sign: string): boolean {
  return sign >= '0' && sign <= '9';
}

function quoted(sign: string): string {
  if (sign === "'") return String.raw`'\''`;
  if (sign === '"') return `'"'`;
  const code = sign.codePointAt(0) ?? 0;
  const short = SHORT[sign];
  if (short !== undefined) return `'${short}'`;
  const isShown = code >= 0x20 && code !== 0x7f && (code < 0x80 || code > 0xa0) && code !== 0xad;
  if (isShown) return `'${sign === '\\' ? '\\\\' : sign}'`;
  const hex = code.toString(16).padStart(code < 0x80 ? 2 : 4, '0');
  return code < 0x80 ? `'\\x${hex}'` : `'\\u${hex}'`;
}

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
