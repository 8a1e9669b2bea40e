import { sleep } from '../../../clock.ts';
import type { DnsType } from '../../../net/dns.ts';
import { DNS_TIMEOUT_MS } from '../../../net/limits.ts';
import type { ToolContext } from '../../../programs/program.ts';

const TYPES: readonly DnsType[] = [
  'A',
  'AAAA',
  'ANY',
  'CNAME',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TXT',
];

/** A type of question by its name in either case; undefined for what is none. */
export function asDnsType(text: string): DnsType | undefined {
  return TYPES.find((type) => type === text.toUpperCase());
}

/** The name under which an address is looked up backwards. */
export function reverseName(ip: string): string {
  return `${ip.split('.').toReversed().join('.')}.in-addr.arpa`;
}

/** Whether a name server answers; when none does, that takes as long as a resolver tries. */
export async function untilServerAnswers({
  network,
  clock,
  signal,
}: ToolContext): Promise<boolean> {
  if (network.dns.isReachable) return true;
  await sleep(clock, DNS_TIMEOUT_MS, signal).catch(() => undefined);
  return false;
}
