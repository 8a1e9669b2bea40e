/** Addresses, ports and durations. Each check gives Istio's words, or nothing. */
import { isIP } from 'node:net';

import type { Json } from '../../../kinds/object.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import { goNumber } from './fields.ts';
import { quote } from './names.ts';

const UNIX_PREFIX = 'unix://';
const NANOSECONDS = 1_000_000;

/** An IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** What is wrong with an address, in istiod's words. */
export function addressProblem(text: string): string | undefined {
  return isAddress(text) ? undefined : `${text} is not a valid IP`;
}

/** An address, or a block of them as `10.0.0.0/8`. */
export function subnetProblem(text: string): string | undefined {
  if (text.split('/', 3).length !== 2) return addressProblem(text);
  return prefixProblem(text) === undefined ? undefined : `${text} is not a valid CIDR block`;
}

/** What Go's netip.ParsePrefix says of a block. */
export function prefixProblem(text: string): string | undefined {
  const slash = text.lastIndexOf('/');
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  const say = (what: string) => `netip.ParsePrefix(${quote(text)}): ${what}`;
  if (!isAddress(address)) return say(`ParseAddr(${quote(address)}): ${addressMistake(address)}`);
  if (address.includes('%')) return say('IPv6 zones cannot be present in a prefix');
  if (!/^(\d|[1-9]\d+)$/.test(bits)) return say(`bad bits after slash: ${quote(bits)}`);
  return Number(bits) > (isIP(address) === 4 ? 32 : 128)
    ? say('prefix length out of range')
    : undefined;
}

function addressMistake(address: string): string {
  if (!/^[\d.]+$/.test(address) || !address.includes('.')) return 'unable to parse IP';
  const fields = address.split('.');
  if (fields.some((field) => Number(field) > 255)) return 'IPv4 field has value >255';
  return fields.length < 4 ? 'IPv4 address too short' : 'IPv4 address too long';
}

/** Whether a text names a Unix socket, `unix://` and its path. */
export function isUnix(text: string): boolean {
  return text.startsWith(UNIX_PREFIX);
}

/** What is wrong with the path of a Unix socket, which is given with its scheme. */
export function unixProblem(socket: string): string | undefined {
  const path = socket.slice(UNIX_PREFIX.length);
  if (path === '') return 'unix address must not be empty';
  if (path.startsWith('@')) return undefined;
  return path.startsWith('/') && !path.endsWith('/')
    ? undefined
    : `${path} is not an absolute path to a file`;
}

/** What is wrong with the number of a port. */
export function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65_535
    ? undefined
    : `port number ${goNumber(port)} must be in the range 1..65535`;
}

/** A time that has to be at least a millisecond; nothing when there is none, or when it is no time (the schema's matter). */
export function durationProblem(value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^-\d/.test(value)) return 'duration must be greater than 1ms';
  const milliseconds = parseDurationMs(value);
  if (milliseconds === undefined) return undefined;
  if (milliseconds < 1) return 'duration must be greater than 1ms';
  return Math.round(milliseconds * NANOSECONDS) % NANOSECONDS === 0
    ? undefined
    : 'only durations to ms precision are supported';
}

/** A share of 0 to 100 in whole numbers. */
export function percentProblem(percent: number): string | undefined {
  return percent < 0 || percent > 100
    ? `percentage ${goNumber(percent)} is not in range 0..100`
    : undefined;
}
