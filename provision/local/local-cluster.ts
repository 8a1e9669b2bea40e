import { createServer, type Server } from 'node:net';

import {
  createCluster,
  type ExposedAddress,
  type SimulatedCluster,
  type StartingState,
} from '../simulator/index.ts';

/** One address of the cluster as this machine reaches it. */
export interface LocalAddress extends ExposedAddress {
  /** The cluster's own address: `10.96.0.10:53`. */
  readonly name: string;
  /** The port is another one than the cluster's: that was taken, or not allowed to this user. */
  readonly isMoved: boolean;
}

/** A simulated cluster for the tools of this machine. */
export interface LocalCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Tells of every node port and load balancer, now and later. */
  onAddress(listener: (address: LocalAddress) => void): void;
}

/** Load balancers get addresses that this machine itself has, so that what a Service reports can be reached. */
const LOAD_BALANCER_RANGE = '127.0.30.0/24';
const API_SERVER: ExposedAddress = { ip: '172.30.1.2', port: 6443 };
const NODE_IP = /^172\.30\.(\d+)\.2$/;

/**
 * Starts a cluster in this process, without a sandbox: the API server, node ports and load balancers listen on addresses
 * of 127.0.x.y. Cluster IPs stay inside.
 */
export async function startLocalCluster(
  state: StartingState & { readonly workers: number },
): Promise<LocalCluster> {
  const cluster = await createCluster(state, { loadBalancerRange: LOAD_BALANCER_RANGE });
  const sockets = new Map<string, Server>();
  const listeners = new Set<(address: LocalAddress) => void>();
  const known: LocalAddress[] = [];
  const tell = (address: LocalAddress) => {
    known.push(address);
    for (const listener of listeners) listener(address);
  };
  const api = await open(cluster, API_SERVER, { ip: '127.0.0.1', port: API_SERVER.port });
  sockets.set(nameOf(API_SERVER), api.socket);
  const watch = cluster.watchAddresses((addresses) => {
    for (const address of addresses) void offer(cluster, { address, sockets, tell });
  });
  return {
    kubeconfig: cluster.kubeconfig(`https://127.0.0.1:${api.port}`),
    onAddress(listener) {
      listeners.add(listener);
      for (const address of known) listener(address);
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      for (const socket of sockets.values()) socket.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

interface Offer {
  readonly address: ExposedAddress;
  readonly sockets: Map<string, Server>;
  readonly tell: (address: LocalAddress) => void;
}

async function offer(cluster: SimulatedCluster, { address, sockets, tell }: Offer): Promise<void> {
  const ip = localIp(address.ip);
  const name = nameOf(address);
  if (ip === undefined || sockets.has(name)) return;
  // Taken at once, so that the next list of addresses does not open it again.
  sockets.set(name, createServer());
  const { socket, port } = await open(cluster, address, { ip, port: address.port });
  sockets.set(name, socket);
  tell({ ip, port, name, isMoved: port !== address.port });
}

/** Nodes are 127.0.N.2, load balancers have an address of this machine already; others stay inside. */
function localIp(ip: string): string | undefined {
  if (ip.startsWith('127.')) return ip;
  const node = NODE_IP.exec(ip)?.[1];
  return node === undefined ? undefined : `127.0.${node}.2`;
}

/** Listens on the port wished for, else on any. */
async function open(
  cluster: SimulatedCluster,
  address: ExposedAddress,
  wanted: ExposedAddress,
): Promise<{ readonly socket: Server; readonly port: number }> {
  const socket = (await listen(wanted.ip, wanted.port)) ?? (await listen(wanted.ip, 0));
  if (!socket) throw new Error(`Cannot listen on ${wanted.ip}: this machine has no such address`);
  cluster.serve(address, socket);
  const bound = socket.address();
  return { socket, port: typeof bound === 'object' && bound ? bound.port : 0 };
}

function listen(ip: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const socket = createServer();
    socket.once('error', () => resolve(undefined));
    socket.listen(port, ip, () => resolve(socket));
  });
}

function nameOf({ ip, port }: ExposedAddress): string {
  return `${ip}:${port}`;
}
