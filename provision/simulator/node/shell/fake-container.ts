import type { Clock } from '../../clock.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { DnsAnswer } from '../../net/dns.ts';
import { meta } from '../../net/fake-cluster-client.ts';
import type { HttpHandler, HttpRequest } from '../../net/http.ts';
import type { NetworkInterface, Target } from '../../net/network.ts';
import { NetworkError } from '../../net/network.ts';
import { clusterFirst, PodDns } from '../../net/pod-dns.ts';
import type { Program } from '../../programs/program.ts';
import { FileTree } from '../files/file-tree.ts';
import { toolsOf } from './commands/index.ts';
import type { ShellContainer } from './container.ts';
import { startProcess } from './exec.ts';
import { layOutImage } from './image-files.ts';
import { ProcessTable } from './processes.ts';

export interface FakeContainerOptions {
  readonly clock: Clock;
  readonly commands?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers by `host:port`; other names do not exist, other ports refuse. */
  readonly servers?: Readonly<Record<string, HttpHandler>>;
}

/** A container for tests of shells and commands: pod `web-1`, address 10.244.1.5, names at 10.96.0.80. */
export function fakeContainer({
  clock,
  commands = ['curl', 'wget', 'nc'],
  env = {},
  servers = {},
}: FakeContainerOptions): ShellContainer {
  const program: Pick<Program, 'commands'> = { commands };
  const tools = toolsOf(program);
  const files = new FileTree(() => clock.now());
  const hasBash = commands.includes('bash');
  const user = { name: 'root', uid: 0 };
  layOutImage(files, { hasShell: true, hasBash, tools, user });
  const processes = new ProcessTable(clock);
  processes.start({ command: 'sleep infinity', user: 'root', onSignal: () => undefined });
  return {
    pod: POD,
    hostname: 'web-1',
    files,
    env,
    network: fakeInterface(servers),
    clock,
    random: () => 0.5,
    workingDir: '/',
    user,
    processes,
    hasShell: true,
    hasBash,
    tools,
  };
}

/** Runs a command to its end. */
export async function runIn(container: ShellContainer, command: readonly string[], stdin?: string) {
  const process = startProcess(container, {
    command,
    isTty: false,
    hasStdin: stdin !== undefined,
  });
  const texts = { stdout: '', stderr: '' };
  process.stdout.on('data', (bytes: Buffer) => void (texts.stdout += bytes.toString()));
  process.stderr.on('data', (bytes: Buffer) => void (texts.stderr += bytes.toString()));
  if (stdin !== undefined) process.stdin.end(stdin);
  const exitCode = await process.exited;
  return { exitCode, ...texts };
}

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta('web-1'),
  spec: { restartPolicy: 'Always', containers: [{ name: 'web', image: 'busybox' }] },
  status: {},
};

function none(): never {
  throw new Error('The network of these tests has requests only');
}

function fakeInterface(servers: Readonly<Record<string, HttpHandler>>): NetworkInterface {
  const names = new Set(Object.keys(servers).map((place) => place.split(':')[0]));
  const request = async ({ host, port }: Target, sent: HttpRequest) => {
    if (!names.has(host)) throw new NetworkError('ENOTFOUND', `No such host: ${host}`);
    const handle = servers[`${host}:${port}`];
    if (!handle) throw new NetworkError('ECONNREFUSED', `Nothing listens on ${host}:${port}`);
    return handle(sent, { ip: '10.244.1.5', port: 40_000 });
  };
  const addresses = (host: string) => (names.has(host) ? ['10.96.0.80'] : []);
  const ask = (name: string): DnsAnswer => {
    const [short = ''] = name.split('.default.svc.cluster.local');
    const records = addresses(short).map((data) => ({ name, type: 'A', data }) as const);
    return { code: records.length > 0 ? 'NOERROR' : 'NXDOMAIN', records };
  };
  return {
    ip: '10.244.1.5',
    namespace: 'default',
    podName: 'web-1',
    request,
    deliver: none,
    open: none,
    connect: ({ host, port }) =>
      Promise.reject(new NetworkError('ECONNREFUSED', `connect ${host}:${port}`)),
    listen: none,
    intercept: none,
    service: () => undefined,
    listenerOn: () => undefined,
    resolve: addresses,
    lookUp: (host) => Promise.resolve(addresses(host)),
    dns: new PodDns(clusterFirst('default'), { ask, isReachable: () => true }),
    [Symbol.dispose]: () => undefined,
  };
}
