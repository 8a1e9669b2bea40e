import type { DnsType } from '../../../net/dns.ts';
import type { Tool, ToolContext } from '../../../programs/program.ts';
import { output, refusal } from './answer.ts';
import { asDnsType, reverseName, untilServerAnswers } from './dns-question.ts';

const VERSION = '9.20.10';

interface DigQuestion {
  readonly name: string;
  readonly type: DnsType;
  readonly isShort: boolean;
  /** `+search`: by the domains of resolv.conf; dig itself asks for the name as it is. */
  readonly searches: boolean;
  readonly server: string | undefined;
}

/** dig of bind: `dig [@SERVER] [-x ADDRESS] [NAME] [TYPE] [+short] [+search]`. */
export const dig: Tool = async (args, context) => {
  const question = parse(args);
  if (!question.name) return refusal('dig: no name given');
  const { dns } = context.network;
  const server = question.server ?? dns.settings.servers[0] ?? '127.0.0.1';
  if (!(await untilServerAnswers(context))) {
    const failure = `;; communications error to ${server}#53: timed out\n`.repeat(3);
    const head = question.isShort ? '' : headline(args);
    return output(
      `${head}${failure}${question.isShort ? '' : '\n'};; no servers could be reached\n`,
      9,
    );
  }
  const { type } = question;
  const found = question.searches
    ? dns.search(question.name, type)
    : { ...dns.query(question.name, type), name: question.name.replace(/\.$/, '') };
  if (question.isShort) {
    return output(found.records.map((record) => `${withDot(record.type, record.data)}\n`).join(''));
  }
  return output(report(args, { ...found, type, server }, context));
};

function parse(args: readonly string[]): DigQuestion {
  const words = [...args];
  const found = { name: '', type: 'A' as DnsType, flags: new Set<string>() };
  let server: string | undefined;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const type = asDnsType(word);
    if (word === '-x') {
      found.name = reverseName(words.shift() ?? '');
      found.type = 'PTR';
    } else if (word === '-t') found.type = asDnsType(words.shift() ?? '') ?? 'A';
    else if (word === '-p') words.shift();
    else if (word.startsWith('+')) found.flags.add(word.slice(1));
    else if (word.startsWith('@')) server = word.slice(1);
    else if (type) found.type = type;
    else if (!word.startsWith('-') && word !== 'IN') found.name = word;
  }
  return {
    name: found.name,
    type: found.type,
    isShort: found.flags.has('short'),
    searches: found.flags.has('search'),
    server,
  };
}

interface Found extends ReturnType<ToolContext['network']['dns']['search']> {
  readonly type: DnsType;
  readonly server: string;
}

function headline(args: readonly string[]): string {
  return `\n; <<>> DiG ${VERSION} <<>> ${args.join(' ')}\n;; global options: +cmd\n`;
}

function report(
  args: readonly string[],
  { name, type, code, records, server }: Found,
  { clock, random }: ToolContext,
): string {
  const id = Math.floor(random() * 65_536);
  const when = new Date(clock.now()).toUTCString().replace(',', '').split(' ');
  const [day = '', date = '', month = '', year = '', time = ''] = when;
  const isFound = records.length > 0;
  const soa = 'ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 30';
  return [
    `${headline(args)};; Got answer:`,
    `;; ->>HEADER<<- opcode: QUERY, status: ${code}, id: ${id}`,
    `;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: ${isFound ? 0 : 1}, ADDITIONAL: 1`,
    ';; WARNING: recursion requested but not available',
    '',
    ';; OPT PSEUDOSECTION:',
    '; EDNS: version: 0, flags:; udp: 1232',
    ';; QUESTION SECTION:',
    `;${name}.\t\tIN\t${type}`,
    '',
    isFound ? ';; ANSWER SECTION:' : ';; AUTHORITY SECTION:',
    ...records.map(
      (record) => `${record.name}.\t30\tIN\t${record.type}\t${withDot(record.type, record.data)}`,
    ),
    ...(isFound ? [] : [`cluster.local.\t\t30\tIN\tSOA\t${soa}`]),
    '',
    ';; Query time: 0 msec',
    `;; SERVER: ${server}#53(${server}) (UDP)`,
    `;; WHEN: ${day} ${month} ${date} ${time} UTC ${year}`,
    `;; MSG SIZE  rcvd: ${64 + 2 * name.length + 32 * records.length}`,
    '',
    '',
  ].join('\n');
}

function withDot(type: string, data: string): string {
  return type === 'A' ? data : `${data}.`;
}
