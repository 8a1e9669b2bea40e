import type { Tool } from '../../../programs/program.ts';
import { CLUSTER_DNS_IP } from '../../cluster-dns.ts';
import { output, refusal } from './answer.ts';

const nslookup: Tool = async (args, { network, pod }) => {
  const name = args.find((arg) => !arg.startsWith('-'));
  if (!name) return refusal('Usage: nslookup HOST [DNS_SERVER]');
  const server = [`Server:\t\t${CLUSTER_DNS_IP}`, `Address:\t${CLUSTER_DNS_IP}:53`, ''];
  const addresses = network.resolve(name);
  const full = qualified(name, pod.metadata.namespace ?? 'default');
  if (addresses.length === 0) {
    const failure = `** server can't find ${full}: NXDOMAIN`;
    return { stdout: [...server, failure, '', ''].join('\n'), stderr: '', exitCode: 1 };
  }
  const found = addresses.flatMap((address) => [`Name:\t${full}`, `Address: ${address}`]);
  return output([...server, ...found, '', ''].join('\n'));
};

const getent: Tool = async (args, { network }) => {
  const [database, name] = args;
  if (!name || !['hosts', 'ahosts', 'ahostsv4'].includes(database ?? '')) return output('', 2);
  const addresses = network.resolve(name);
  const lines = addresses.map((address) => `${address.padEnd(15)} ${name}\n`);
  return output(lines.join(''), addresses.length > 0 ? 0 : 2);
};

const dig: Tool = async (args, { network }) => {
  const name = args.find((arg) => !/^[-+@]/.test(arg) && !/^(A|ANY|IN)$/i.test(arg));
  if (!name) return refusal('dig: no name given');
  const addresses = network.resolve(name);
  if (args.includes('+short')) return output(addresses.map((address) => `${address}\n`).join(''));
  const fqdn = `${name.replace(/\.$/, '')}.`;
  const status = addresses.length > 0 ? 'NOERROR' : 'NXDOMAIN';
  return output(
    [
      '',
      `; <<>> DiG <<>> ${args.join(' ')}`,
      ';; Got answer:',
      `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 1`,
      `;; flags: qr aa rd; QUERY: 1, ANSWER: ${addresses.length}, AUTHORITY: 0, ADDITIONAL: 0`,
      '',
      ';; QUESTION SECTION:',
      `;${fqdn}\t\tIN\tA`,
      '',
      ...(addresses.length > 0 ? [';; ANSWER SECTION:'] : []),
      ...addresses.map((address) => `${fqdn}\t30\tIN\tA\t${address}`),
      '',
      `;; SERVER: ${CLUSTER_DNS_IP}#53(${CLUSTER_DNS_IP}) (UDP)`,
      '',
      '',
    ].join('\n'),
  );
};

/** The name as CoreDNS answers for it: short ones get the namespace's search domain. */
function qualified(name: string, namespace: string): string {
  if (/^\d+(\.\d+){3}$/.test(name)) return name;
  const dots = name.split('.').length - 1;
  if (dots === 0) return `${name}.${namespace}.svc.cluster.local`;
  if (dots === 1) return `${name}.svc.cluster.local`;
  return name.endsWith('.svc') ? `${name}.cluster.local` : name;
}

/** Commands that look up names. */
export const DNS_TOOLS: Readonly<Record<string, Tool>> = { nslookup, getent, dig };
