import type { DnsRecord, DnsType } from '../../../net/dns.ts';
import type { Tool, ToolContext, ToolResult } from '../../../programs/program.ts';
import { output, refusal } from './answer.ts';
import { dig } from './dig.ts';
import { asDnsType, reverseName, untilServerAnswers } from './dns-question.ts';

const NO_SERVER = ';; connection timed out; no servers could be reached\n\n';
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

interface Question {
  readonly name: string;
  /** Undefined when none was asked for: addresses. */
  readonly type: DnsType | undefined;
  /** Address of the name server that is asked. */
  readonly server: string;
}

/** nslookup of BusyBox, in the words of the releases before and from 1.29. */
const nslookup: Tool = async (args, context) => {
  const question = parse(args, context);
  if (!question) return refusal('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]');
  if (isOldBusyBox(context)) return oldNslookup(question, context);
  if (!(await untilServerAnswers(context))) return output(NO_SERVER, 1);
  const { name, type, server } = question;
  const { dns } = context.network;
  const isAddress = IPV4.test(name);
  const types: readonly DnsType[] = isAddress ? ['PTR'] : type ? [type] : ['A', 'AAAA'];
  // Names with a dot are complete for it, whatever ndots says.
  const names = isAddress
    ? [reverseName(name)]
    : name.includes('.')
      ? [name]
      : dns.settings.search.map((domain) => `${name}.${domain}`);
  const parts = [`Server:\t\t${server}\nAddress:\t${server}:53\n\n`];
  let hasFailed = false;
  for (const one of types) {
    for (const full of names) {
      const { code, records } = dns.query(full, one);
      if (code === 'NXDOMAIN') {
        hasFailed = true;
        parts.push(`** server can't find ${full}: NXDOMAIN\n\n`);
      } else parts.push(`${records.map((record) => line(record)).join('')}\n`);
    }
  }
  return output(parts.join(''), hasFailed ? 1 : 0);
};

/** nslookup of bind, which images with `dig` have. */
export const bindNslookup: Tool = async (args, context) => {
  const question = parse(args, context);
  if (!question) return refusal('Usage: nslookup [-opt ...] host [server]');
  if (!(await untilServerAnswers(context))) return output(NO_SERVER, 1);
  const { name, type, server } = question;
  const { dns } = context.network;
  const head = `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
  if (IPV4.test(name)) {
    const full = reverseName(name);
    const { records } = dns.query(full, 'PTR');
    const found = records.map((record) => `${line(record)}\n`).join('');
    const missing = `** server can't find ${full}: NXDOMAIN\n\n`;
    return records.length > 0 ? output(found) : output(missing, 1);
  }
  const { records, code } = dns.search(name, type ?? 'A');
  if (code === 'NXDOMAIN') return output(`${head}** server can't find ${name}: NXDOMAIN\n\n`, 1);
  if (records.length === 0) return output(`${head}*** Can't find ${name}: No answer\n\n`, 0);
  return output(`${head}${records.map((record) => line(record)).join('')}\n`);
};

const getent: Tool = async (args, context) => {
  const [database, name] = args;
  if (!name || !['hosts', 'ahosts', 'ahostsv4'].includes(database ?? '')) return output('', 2);
  const addresses = await context.network.lookUp(name, context.signal);
  const { dns } = context.network;
  const full = dns.isLocal(name) ? name : dns.search(name, 'A').name;
  const lines = addresses.map((address) => `${address.padEnd(15)} ${full}\n`);
  return output(lines.join(''), addresses.length > 0 ? 0 : 2);
};

function parse(args: readonly string[], { network }: ToolContext): Question | undefined {
  const option = args.find((arg) => /^-(query)?type=|^-q=/.test(arg));
  const [name, server] = args.filter((arg) => !arg.startsWith('-'));
  if (!name) return undefined;
  return {
    name,
    type: option === undefined ? undefined : asDnsType(option.slice(option.indexOf('=') + 1)),
    server: server ?? network.dns.settings.servers[0] ?? '127.0.0.1',
  };
}

function line({ name, type, data }: DnsRecord): string {
  return type === 'A'
    ? `Name:\t${name}\nAddress: ${data}\n`
    : `${name}\t${WORDS[type]} = ${data}.\n`;
}

const WORDS = { CNAME: 'canonical name', SRV: 'service', PTR: 'name' } as const;

function isOldBusyBox({ pod }: ToolContext): boolean {
  const tags = pod.spec.containers.map(({ image }) => /busybox:1\.(\d+)/.exec(image)?.[1]);
  return tags.some((minor) => minor !== undefined && Number(minor) < 29);
}

/** Looks hosts up as every program does, and addresses backwards. */
async function oldNslookup({ name, server }: Question, context: ToolContext): Promise<ToolResult> {
  const { network } = context;
  const head = `Server:    ${server}\nAddress 1: ${withName(server, context)}\n\n`;
  const addresses = await network.lookUp(name, context.signal);
  if (addresses.length === 0) return output(`${head}nslookup: can't resolve '${name}'\n`, 1);
  const lines = addresses.map(
    (address, index) => `Address ${index + 1}: ${withName(address, context)}\n`,
  );
  return output(`${head}Name:      ${name}\n${lines.join('')}`);
}

function withName(ip: string, { network }: ToolContext): string {
  if (!network.dns.isReachable) return ip;
  const [record] = network.dns.query(reverseName(ip), 'PTR').records;
  return record ? `${ip} ${record.data}` : ip;
}

/** Commands that look up names. */
export const DNS_TOOLS: Readonly<Record<string, Tool>> = { nslookup, getent, dig };
