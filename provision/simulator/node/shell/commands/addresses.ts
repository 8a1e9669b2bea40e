import type { Tool } from '../../../programs/program.ts';
import type { ToolContext } from '../../../programs/program.ts';
import { output } from './answer.ts';

const ip: Tool = async (args, context) => {
  if (args.some((arg) => arg.startsWith('r'))) {
    return output(`default via ${gateway(context)} dev eth0\n`);
  }
  return output(
    [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000',
      '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      '    inet 127.0.0.1/8 scope host lo',
      '2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP qlen 1000',
      `    link/ether ${macAddress(context.network.ip)} brd ff:ff:ff:ff:ff:ff`,
      `    inet ${context.network.ip}/24 brd ${prefix(context)}.255 scope global eth0`,
      '',
    ].join('\n'),
  );
};

const ifconfig: Tool = async (_args, context) =>
  output(
    [
      `eth0      Link encap:Ethernet  HWaddr ${macAddress(context.network.ip).toUpperCase()}`,
      `          inet addr:${context.network.ip}  Bcast:${prefix(context)}.255  Mask:255.255.255.0`,
      '          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1',
      '',
      'lo        Link encap:Local Loopback',
      '          inet addr:127.0.0.1  Mask:255.0.0.0',
      '          UP LOOPBACK RUNNING  MTU:65536  Metric:1',
      '',
      '',
    ].join('\n'),
  );

const netstat: Tool = async (_args, context) =>
  output(
    [
      'Active Internet connections (only servers)',
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State',
      ...listeningPorts(context).map(
        (port) =>
          `tcp        0      0 ${`0.0.0.0:${port}`.padEnd(23)} 0.0.0.0:*               LISTEN`,
      ),
      '',
    ].join('\n'),
  );

const ss: Tool = async (_args, context) =>
  output(
    [
      'State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port',
      ...listeningPorts(context).map(
        (port) =>
          `LISTEN   0        4096             0.0.0.0:${String(port).padEnd(5)}       0.0.0.0:*`,
      ),
      '',
    ].join('\n'),
  );

function listeningPorts({ network }: ToolContext): readonly number[] {
  const ports: number[] = [];
  for (let port = 1; port < 65_536; port++) if (network.listenerOn(port)) ports.push(port);
  return ports;
}

function prefix({ network }: ToolContext): string {
  return network.ip.slice(0, network.ip.lastIndexOf('.'));
}

function gateway(context: ToolContext): string {
  return `${prefix(context)}.1`;
}

/** Made from the address, as container network plugins do. */
function macAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

/** Commands that show interfaces, routes and listening ports. */
export const ADDRESS_TOOLS: Readonly<Record<string, Tool>> = { ip, ifconfig, netstat, ss };
