/** ip() and cidr() (Kubernetes documentation, "Kubernetes IP address library" and "Kubernetes CIDR library"). */
import { isIPv4, isIPv6 } from 'node:net';

import { bool, fn, int, method, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { EvaluationError, Opaque } from '../value.ts';

const ipType = opaque('net.IP');
const cidrType = opaque('net.CIDR');

class Ip extends Opaque {
  readonly type = ipType;
  readonly bits: bigint;
  readonly size: 32 | 128;

  constructor(bits: bigint, size: 32 | 128) {
    super();
    this.bits = bits;
    this.size = size;
  }

  isEqual(other: Opaque): boolean {
    return other instanceof Ip && other.bits === this.bits && other.size === this.size;
  }
}

class Cidr extends Opaque {
  readonly type = cidrType;
  readonly address: Ip;
  readonly prefix: number;

  constructor(address: Ip, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
  }

  get masked(): Ip {
    const { bits, size } = this.address;
    const rest = BigInt(size - this.prefix);
    return new Ip((bits >> rest) << rest, size);
  }

  has(ip: Ip): boolean {
    const rest = BigInt(this.address.size - this.prefix);
    return ip.size === this.address.size && ip.bits >> rest === this.address.bits >> rest;
  }

  isEqual(other: Opaque): boolean {
    return (
      other instanceof Cidr && other.prefix === this.prefix && other.address.isEqual(this.address)
    );
  }
}

const ip = param(ipType, (value) => value instanceof Ip);
const cidr = param(cidrType, (value) => value instanceof Cidr);

export const addresses: readonly Overload[] = [
  fn('ip', [string], ip, ipOf),
  fn('isIP', [string], bool, (text) => readIp(text) instanceof Ip),
  fn('ip.isCanonical', [string], bool, (text) => ipText(ipOf(text)) === text),
  fn('string', [ip], string, ipText),
  method('family', [ip], int, ({ size }) => (size === 32 ? 4n : 6n)),
  method('isUnspecified', [ip], bool, ({ bits }) => bits === 0n),
  method('isLoopback', [ip], bool, (one) => isWithin(one, '127.0.0.0/8', '::1/128')),
  method('isLinkLocalMulticast', [ip], bool, (one) => isWithin(one, '224.0.0.0/24', 'ff02::/16')),
  method('isLinkLocalUnicast', [ip], bool, (one) => isWithin(one, '169.254.0.0/16', 'fe80::/10')),
  method('isGlobalUnicast', [ip], bool, isGlobalUnicast),
  fn('cidr', [string], cidr, cidrOf),
  fn('isCIDR', [string], bool, (text) => readCidr(text) instanceof Cidr),
  fn('string', [cidr], string, cidrText),
  method('containsIP', [cidr, ip], bool, (range, one) => range.has(one)),
  method('containsIP', [cidr, string], bool, (range, text) => range.has(ipOf(text))),
  method('containsCIDR', [cidr, cidr], bool, containsCidr),
  method('containsCIDR', [cidr, string], bool, (range, text) => containsCidr(range, cidrOf(text))),
  method('ip', [cidr], ip, ({ address }) => address),
  method('masked', [cidr], cidr, (range) => new Cidr(range.masked, range.prefix)),
  method('prefixLength', [cidr], int, ({ prefix }) => BigInt(prefix)),
];

function containsCidr(range: Cidr, other: Cidr): boolean {
  return other.prefix >= range.prefix && range.has(other.address);
}

function isWithin(one: Ip, four: string, six: string): boolean {
  return cidrOf(one.size === 32 ? four : six).has(one);
}

function isGlobalUnicast(one: Ip): boolean {
  if (one.bits === 0n || (one.size === 32 && one.bits === 0xffff_ffffn)) return false;
  return (
    !isWithin(one, '127.0.0.0/8', '::1/128') &&
    !isWithin(one, '224.0.0.0/4', 'ff00::/8') &&
    !isWithin(one, '169.254.0.0/16', 'fe80::/10')
  );
}

function ipOf(text: string): Ip {
  const read = readIp(text);
  if (read instanceof Ip) return read;
  throw new EvaluationError(
    `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${read}`,
  );
}

/** The address, or what Go has against it. */
function readIp(text: string): Ip | string {
  if (text.includes('%')) return `IP address "${text}" with zone value is not allowed`;
  if (isIPv4(text)) return new Ip(fourBits(text), 32);
  if (!isIPv6(text)) return `ParseAddr(${JSON.stringify(text)}): unable to parse IP`;
  const bits = sixBits(text);
  if (bits >> 32n === 0xffffn) return `IPv4-mapped IPv6 address "${text}" is not allowed`;
  return new Ip(bits, 128);
}

function fourBits(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function sixBits(text: string): bigint {
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? '';
  const plain = dotted.includes('.')
    ? text.slice(0, -dotted.length) + hexGroups(fourBits(dotted), 2).join(':')
    : text;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const zeros = Array.from({ length: missing }, () => '0');
  return [...before, ...zeros, ...after].reduce(
    (sum, group) => (sum << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function hexGroups(bits: bigint, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    ((bits >> BigInt(16 * (count - 1 - i))) & 0xffffn).toString(16),
  );
}

function ipText({ bits, size }: Ip): string {
  if (size === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = hexGroups(bits, 8).join(':');
  const runs = groups.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups;
  return groups.replace(longest, ':').replace(/:{2,}/, '::');
}

function cidrOf(text: string): Cidr {
  const read = readCidr(text);
  if (read instanceof Cidr) return read;
  throw new EvaluationError(`network address parse error during conversion from string: ${read}`);
}

function readCidr(text: string): Cidr | string {
  const [, address = '', length = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const words = `netip.ParsePrefix(${JSON.stringify(text)})`;
  if (length === '') return `${words}: no '/'`;
  const read = readIp(address);
  if (!(read instanceof Ip)) return `${words}: ${read}`;
  const prefix = Number(length);
  if (prefix > read.size || /^0\d/.test(length)) return `${words}: prefix length out of range`;
  return new Cidr(read, prefix);
}

function cidrText({ address, prefix }: Cidr): string {
  return `${ipText(address)}/${prefix}`;
}
