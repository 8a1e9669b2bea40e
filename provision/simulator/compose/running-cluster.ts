import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';

import {
  type ApiServer,
  createApiServer,
  type Pki,
  type PreparedState,
} from '../apiserver/index.ts';
import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import type { ExposedAddress, SimulatedCluster } from '../cluster.ts';
import { startControllers } from '../controllers/index.ts';
import type { JsonObject } from '../kinds/object.ts';
import { leases, nodes as nodeResource } from '../kinds/resources.ts';
import { serveDns } from '../net/dns-server.ts';
import { serveEdge } from '../net/edge.ts';
import { VirtualNetwork } from '../net/virtual-network.ts';
import {
  type ContainerTimes,
  type Nodes,
  nodeSettings,
  type SavedFiles,
  type SavedLogs,
  startNodes,
} from '../node/index.ts';
import { PROGRAMS } from '../programs/registry.ts';
import { createWorld } from '../programs/world/index.ts';
import { writeSnapshot } from './snapshot.ts';

/** Where the API server answers, as kubeadm's first node does. */
const API_SERVER: ExposedAddress = { ip: '172.30.1.2', port: 6443 };

/** What a cluster is started from and with. */
export interface ClusterOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly workers: number;
  /** Addresses for Services of type LoadBalancer. */
  readonly loadBalancerRange: string;
  readonly pki?: Pki;
  readonly prepared?: PreparedState;
  readonly snapshot?: { readonly api: JsonObject; readonly files: SavedFiles };
  /** Of containers that have ended. */
  readonly logs?: SavedLogs;
  /** How long containers take to start; believable by default. */
  readonly times?: ContainerTimes;
}

/** All parts of one cluster, started in order and ended in the reverse. */
export class RunningCluster implements SimulatedCluster {
  readonly api: ApiServer;
  readonly client: ClusterClient;
  readonly #network: VirtualNetwork;
  readonly #nodes: Nodes;
  readonly #stack: AsyncDisposableStack;
  readonly #workers: number;

  private constructor(parts: {
    readonly api: ApiServer;
    readonly network: VirtualNetwork;
    readonly nodes: Nodes;
    readonly stack: AsyncDisposableStack;
    readonly workers: number;
  }) {
    this.api = parts.api;
    this.client = parts.api.client('system:admin');
    this.#network = parts.network;
    this.#nodes = parts.nodes;
    this.#stack = parts.stack;
    this.#workers = parts.workers;
  }

  static async start(options: ClusterOptions): Promise<RunningCluster> {
    const { clock, random, workers, loadBalancerRange, pki, prepared, snapshot, times } = options;
    await using stack = new AsyncDisposableStack();
    const later: { nodes?: Nodes; network?: VirtualNetwork } = {};
    const api = stack.use(
      await createApiServer({
        clock,
        random,
        kubelet: () => there(later.nodes),
        network: () => there(later.network).host,
        ...(pki && { pki }),
        ...(prepared && { prepared }),
        ...(snapshot && { snapshot: snapshot.api }),
      }),
    );
    const network = stack.use(
      new VirtualNetwork({
        client: api.client('system:kube-proxy'),
        clock,
        random,
        outside: createWorld({ clock, random }),
      }),
    );
    later.network = network;
    // Pods reach the API server by the Service `kubernetes`, as on a real cluster.
    stack.use(
      network.host.listen(API_SERVER.port, {
        type: 'tcp',
        accept: (connection) => api.accept(connection),
      }),
    );
    const nodes = stack.use(
      startNodes({
        client: api.client('kubelet'),
        clock,
        network,
        random,
        programs: PROGRAMS,
        nodes: nodeSettings(workers),
        serviceAccountToken: (pod, audience) =>
          api.serviceAccountToken({
            namespace: pod.metadata.namespace ?? 'default',
            name: pod.spec.serviceAccountName ?? 'default',
            pod: { name: pod.metadata.name, uid: pod.metadata.uid },
            audience,
          }),
        ...(times && { times }),
        ...(snapshot && { savedFiles: snapshot.files }),
        ...(options.logs && { savedLogs: options.logs }),
      }),
    );
    later.nodes = nodes;
    showNodes(api, nodes);
    await nodes.registered;
    stack.use(
      startControllers({ client: (name) => api.client(name), clock, random, loadBalancerRange }),
    );
    return new RunningCluster({ api, network, nodes, workers, stack: stack.move() });
  }

  kubeconfig(server: string): string {
    return this.api.kubeconfig(server);
  }

  watchAddresses(listener: (addresses: readonly ExposedAddress[]) => void): Disposable {
    let last = '';
    const tell = () => {
      const open = [`${API_SERVER.ip}:${API_SERVER.port}`, ...this.#network.openAddresses()];
      const key = open.join(' ');
      if (key === last) return;
      last = key;
      listener(open.map(toAddress));
    };
    const watch = this.#network.onChange(tell);
    tell();
    return watch;
  }

  serve(address: ExposedAddress, socket: Server): void {
    if (address.ip === API_SERVER.ip && address.port === API_SERVER.port)
      this.#stack.use(this.api.serve(socket));
    else serveEdge(this.#network, address, socket);
  }

  serveDns(socket: Server | UdpSocket): void {
    const { dns } = this.#network.host;
    serveDns(socket, (name, type) => dns.query(name, type));
  }

  serviceIp(namespace: string, name: string): string | undefined {
    return this.#network.serviceIp(namespace, name);
  }

  /** The last lines of containers that have ended. */
  savedLogs(): SavedLogs {
    return this.#nodes.savedLogs();
  }

  snapshot(): Uint8Array {
    return writeSnapshot({
      api: this.api.snapshot(),
      files: this.#nodes.savedFiles(),
      logs: this.#nodes.savedLogs(),
      workers: this.#workers,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** What kubelets know is shown by the API when it is read; nobody has to write it. */
function showNodes(api: ApiServer, { views }: Nodes): void {
  api.show(nodeResource, (stored) => stored.map(views.node));
  api.show(leases, (stored) => stored.map(views.lease));
  api.show({ group: 'metrics.k8s.io', plural: 'nodes' }, views.nodeMetrics);
  api.show({ group: 'metrics.k8s.io', plural: 'pods' }, views.podMetrics);
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('Cannot use a part of the cluster before it has started');
  return part;
}

function toAddress(text: string): ExposedAddress {
  const [ip = '', port] = text.split(':');
  return { ip, port: Number(port) };
}
