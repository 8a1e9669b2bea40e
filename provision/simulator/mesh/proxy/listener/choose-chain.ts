import { isInCidr } from '../../../net/cidr.ts';
import type { FilterChain, FilterChainMatch, Listener } from '../../xds/listener.ts';

/** What is known of a connection once its first bytes have been looked at. */
export interface ConnectionFacts {
  /** The original destination. */
  readonly ip: string;
  readonly port: number;
  /** SNI; undefined without TLS or without a name. */
  readonly serverName: string | undefined;
  readonly transport: 'tls' | 'raw_buffer';
  /** ALPN, or what the first bytes show: `http/1.1`, `h2c`. */
  readonly applicationProtocols: readonly string[];
}

/**
 * The chain of a listener for a connection: of those that fit the most specific, in Envoy's order of what is looked at; undefined
 * when none fits, and the connection is closed
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto, FilterChainMatch).
 */
export function chooseChain(
  { chains, defaultChain }: Pick<Listener, 'chains' | 'defaultChain'>,
  facts: ConnectionFacts,
): FilterChain | undefined {
  let best: { readonly chain: FilterChain; readonly rank: readonly number[] } | undefined;
  for (const chain of chains) {
    const rank = rankOf(chain.match, facts);
    if (rank && (!best || isHigher(rank, best.rank))) best = { chain, rank };
  }
  return best?.chain ?? defaultChain;
}

/** How specific a match is, criterion by criterion; undefined when it does not fit. */
function rankOf(match: FilterChainMatch, facts: ConnectionFacts): readonly number[] | undefined {
  const parts = [
    oneOf(match.destinationPort === undefined, match.destinationPort === facts.port),
    prefixRank(match.prefixRanges, facts.ip),
    nameRank(match.serverNames, facts.serverName),
    oneOf(match.transport === undefined, match.transport === facts.transport),
    oneOf(
      match.applicationProtocols === undefined,
      match.applicationProtocols?.some((one) => facts.applicationProtocols.includes(one)) ?? false,
    ),
  ];
  return parts.includes(NO_FIT) ? undefined : parts;
}

const NO_FIT = -1;

function oneOf(isUnset: boolean, isFit: boolean): number {
  if (isUnset) return 0;
  return isFit ? 1 : NO_FIT;
}

function prefixRank(ranges: readonly string[] | undefined, ip: string): number {
  if (!ranges?.length) return 0;
  const fitting = ranges.filter((range) => isInCidr(ip, range));
  return fitting.length === 0
    ? NO_FIT
    : Math.max(...fitting.map((range) => 1 + Number(range.split('/')[1] ?? 32)));
}

function nameRank(names: readonly string[] | undefined, name: string | undefined): number {
  if (!names?.length) return 0;
  const fitting = names.filter((one) => isNamed(one, name ?? ''));
  return fitting.length === 0
    ? NO_FIT
    : Math.max(...fitting.map((one) => (one.startsWith('*') ? one.length : 1_000 + one.length)));
}

function isNamed(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*')) return pattern === name;
  return name.length >= pattern.length && name.endsWith(pattern.slice(1));
}

function isHigher(one: readonly number[], other: readonly number[]): boolean {
  for (const [index, value] of one.entries()) {
    if (value !== other[index]) return value > (other[index] ?? 0);
  }
  return false;
}
