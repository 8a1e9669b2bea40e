import type { HttpRequest, Peer } from '../../../../net/http.ts';
import type { ConsistentHash } from '../../../istio/destination-rule.ts';
import { parseDurationMs } from '../../../istio/duration.ts';
import { xxHash64 } from './xxhash64.ts';

/** What a request is told apart by. */
export interface HashKey {
  readonly hash: bigint;
  /** A cookie for the caller, so that it comes back to the same endpoint. */
  readonly setCookie?: string;
}

/** Who asks whom. */
interface Ends {
  readonly peer: Peer;
  readonly destination: Peer;
}

/**
 * What requests are told apart by (https://istio.io/latest/docs/reference/config/networking/destination-rule/,
 * LoadBalancerSettings.ConsistentHashLB); undefined when this one lacks it, and is sent anywhere.
 */
export function hashKeyOf(
  settings: ConsistentHash,
  { headers, path }: Pick<HttpRequest, 'headers' | 'path'>,
  ends: Ends,
): HashKey | undefined {
  if (settings.httpHeaderName !== undefined) return keyOf(headers.get(settings.httpHeaderName));
  if (settings.httpQueryParameterName !== undefined) {
    const query = new URLSearchParams(path.slice(path.indexOf('?') + 1));
    return path.includes('?')
      ? keyOf(query.get(settings.httpQueryParameterName) ?? undefined)
      : undefined;
  }
  if (settings.httpCookie) {
    const known = cookieOf(headers.get('cookie') ?? '', settings.httpCookie.name);
    return keyOf(known) ?? newCookie(settings.httpCookie, ends);
  }
  return settings.useSourceIp ? keyOf(ends.peer.ip) : undefined;
}

function keyOf(text: string | undefined): HashKey | undefined {
  return text ? { hash: xxHash64(text) } : undefined;
}

function cookieOf(cookies: string, name: string): string | undefined {
  const pairs = cookies.split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value?.replace(/^"(.*)"$/, '$1');
}

/** Envoy makes a value of the two ends of the connection where the rule has a ttl; 0 s lasts as long as the browser. */
function newCookie(
  { name, path, ttl }: NonNullable<ConsistentHash['httpCookie']>,
  { peer, destination }: Ends,
): HashKey | undefined {
  const ttlMs = parseDurationMs(ttl);
  if (ttlMs === undefined) return undefined;
  const ends = `${peer.ip}:${peer.port}${destination.ip}:${destination.port}`;
  const value = xxHash64(ends).toString(16).padStart(16, '0');
  const age = ttlMs > 0 ? `; Max-Age=${Math.floor(ttlMs / 1_000)}` : '';
  const where = path ? `; Path=${path}` : '';
  return { hash: xxHash64(value), setCookie: `${name}="${value}"${age}${where}; HttpOnly` };
}
