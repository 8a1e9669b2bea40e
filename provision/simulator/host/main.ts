/** A host process: holds many simulated clusters for the server that forked it, and ends when that does. */
import { Socket as UdpSocket } from 'node:dgram';
import { enableCompileCache } from 'node:module';
import { createServer, Server } from 'node:net';
import { fileURLToPath } from 'node:url';

import { type ExposedAddress, type SimulatedCluster } from '../cluster.ts';
import { createCluster, restoreCluster } from '../index.ts';
import { containErrors, workFor } from './containment.ts';
import type { HostAnswer, HostEvent, HostRequest } from './messages.ts';

/** Where the learner's own shell finds the API server; no socket of this machine has the address. */
const LEARNER_API_SERVER: ExposedAddress = { ip: '172.30.1.2', port: 6443 };

interface HostedCluster {
  readonly cluster: SimulatedCluster;
  /** Sockets of 127.0.0.1 that this process opened for the cluster. */
  readonly local: Server[];
  /** Sockets in the learner's network on which the name server answers. */
  readonly names: (Server | UdpSocket)[];
  /** Sockets in the learner's network, by `ip:port`. */
  readonly served: Map<string, Server>;
  /** Port of 127.0.0.1 by the `ip:port` of the cluster it leads to. */
  readonly forwards: Map<string, number>;
}

/** What came with a request. */
type Handed = Server | UdpSocket | undefined;

// The simulator is loaded with the first cluster, for which a learner may be waiting.
enableCompileCache(fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)));

const clusters = new Map<number, HostedCluster>();

process.on('message', (request: HostRequest, socket: unknown) => {
  const isSocket = socket instanceof Server || socket instanceof UdpSocket;
  void answer(request, isSocket ? socket : undefined);
});
// The channel closes when the server ends, however that ends.
process.on('disconnect', () => process.exit(0));
// ^C in the server's terminal reaches the whole process group: the server decides when this one ends.
process.on('SIGINT', () => undefined);

containErrors((error, cluster) => void loseCluster(error, cluster));

/** Ends the cluster in whose work an error came up that nobody expected: the others are not to suffer for it. */
async function loseCluster(error: unknown, id: number | undefined): Promise<void> {
  const hosted = id === undefined ? undefined : clusters.get(id);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`Unexpected in cluster ${id ?? 'unknown'}: ${text}\n`);
  if (id === undefined || !hosted) return;
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'lost', cluster: id, message });
  try {
    await dispose(id, hosted);
  } catch (cause) {
    process.stderr.write(`Cannot end cluster ${id} in order: ${String(cause)}\n`);
  }
}

async function answer(request: HostRequest, socket: Handed): Promise<void> {
  try {
    tell({
      type: 'answer',
      call: request.call,
      value: await workFor(request.cluster, () => act(request, socket)),
    });
  } catch (error) {
    socket?.close();
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: 'refusal', call: request.call, message });
  }
}

async function act(request: HostRequest, socket: Handed): Promise<HostAnswer> {
  if (request.type === 'create') return create(request);
  const hosted = clusters.get(request.cluster);
  if (!hosted) {
    throw new Error(`Cannot ${request.type}: no cluster ${request.cluster} in this process`);
  }
  switch (request.type) {
    case 'serve':
      return serve(hosted, request.address, socket);
    case 'serve-dns':
      return serveDns(hosted, socket);
    case 'forward':
      return { type: 'forwarded', port: await forward(hosted, request) };
    case 'snapshot':
      return { type: 'snapshot', data: hosted.cluster.snapshot() };
    case 'dispose':
      return dispose(request.cluster, hosted);
    default:
      return request satisfies never;
  }
}

function serve(hosted: HostedCluster, address: ExposedAddress, socket: Handed): HostAnswer {
  if (!(socket instanceof Server)) throw new Error('Cannot serve an address without its socket');
  hosted.served.set(keyOf(address), socket);
  hosted.cluster.serve(address, socket);
  return { type: 'done' };
}

function serveDns(hosted: HostedCluster, socket: Handed): HostAnswer {
  if (!socket) throw new Error('Cannot answer for names without a socket');
  hosted.names.push(socket);
  hosted.cluster.serveDns(socket);
  return { type: 'done' };
}

async function dispose(id: number, hosted: HostedCluster): Promise<HostAnswer> {
  clusters.delete(id);
  for (const open of [...hosted.local, ...hosted.names, ...hosted.served.values()]) open.close();
  await hosted.cluster[Symbol.asyncDispose]();
  return { type: 'done' };
}

async function create(request: HostRequest & { type: 'create' }): Promise<HostAnswer> {
  const cluster = request.snapshot
    ? await restoreCluster(request.snapshot)
    : await createCluster(request.startingState);
  const hosted: HostedCluster = {
    cluster,
    local: [],
    names: [],
    served: new Map(),
    forwards: new Map(),
  };
  clusters.set(request.cluster, hosted);
  const port = await listenLocally(hosted, LEARNER_API_SERVER);
  cluster.watchAddresses((addresses) => {
    closeGone(hosted.served, addresses);
    tell({ type: 'addresses', cluster: request.cluster, addresses });
  });
  return {
    type: 'created',
    learnerKubeconfig: cluster.kubeconfig(
      `https://${LEARNER_API_SERVER.ip}:${LEARNER_API_SERVER.port}`,
    ),
    serverKubeconfig: cluster.kubeconfig(`https://127.0.0.1:${port}`),
  };
}

async function forward(
  hosted: HostedCluster,
  { service }: HostRequest & { type: 'forward' },
): Promise<number> {
  const ip = hosted.cluster.serviceIp(service.namespace, service.name);
  if (ip === undefined) {
    throw new Error(`There is no Service ${service.namespace}/${service.name} in the cluster yet`);
  }
  const key = keyOf({ ip, port: service.port });
  const port =
    hosted.forwards.get(key) ?? (await listenLocally(hosted, { ip, port: service.port }));
  hosted.forwards.set(key, port);
  return port;
}

function closeGone(served: Map<string, Server>, addresses: readonly ExposedAddress[]): void {
  const wanted = new Set(addresses.map(keyOf));
  for (const [key, socket] of served) {
    if (wanted.has(key)) continue;
    served.delete(key);
    socket.close();
  }
}

function keyOf({ ip, port }: ExposedAddress): string {
  return `${ip}:${port}`;
}

async function listenLocally(hosted: HostedCluster, address: ExposedAddress): Promise<number> {
  const socket = createServer();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.listen(0, '127.0.0.1', resolve);
  });
  hosted.local.push(socket);
  hosted.cluster.serve(address, socket);
  const bound = socket.address();
  if (typeof bound !== 'object' || !bound)
    throw new Error('Cannot tell the port of a local socket');
  return bound.port;
}

function tell(event: HostEvent): void {
  // A server that is going away has closed the channel; there is nobody left to tell.
  if (process.connected) process.send?.(event);
}
