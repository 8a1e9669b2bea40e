import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';
import { availableParallelism } from 'node:os';

import type {
  Cluster,
  ClusterRequest,
  ExposedAddress,
  Provider,
  ServicePort,
} from '../../provider.ts';
import { CLUSTER_DNS_IP } from '../../simulator/index.ts';
import { HostProcess } from './host-process.ts';

/** Gives learners simulated clusters, spread over host processes: one per core that the server leaves free. */
export class SimulatedProvider implements Provider {
  readonly name = 'simulated';
  readonly isSimulated = true;
  readonly #hosts: HostProcess[];
  #nextCluster = 1;

  constructor(hostCount = Math.max(1, availableParallelism() - 1)) {
    this.#hosts = Array.from({ length: hostCount }, () => new HostProcess());
  }

  async create(request: ClusterRequest): Promise<Cluster> {
    const host = this.#pickHost();
    const id = this.#nextCluster++;
    const cluster = new HostedCluster(host, id);
    await cluster.start(request);
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host[Symbol.asyncDispose]()));
  }

  /** The host with the fewest clusters; one that has died is replaced. */
  #pickHost(): HostProcess {
    for (const [index, host] of this.#hosts.entries()) {
      if (host.isLost) this.#hosts[index] = new HostProcess();
    }
    const [first, ...others] = this.#hosts;
    if (!first) throw new Error('Cannot make a cluster: the provider has no host process');
    return others.reduce(
      (best, host) => (host.clusterCount < best.clusterCount ? host : best),
      first,
    );
  }
}

class HostedCluster implements Cluster {
  readonly isSimulated = true;
  readonly dnsIp = CLUSTER_DNS_IP;
  learnerKubeconfig = '';
  serverKubeconfig = '';
  readonly #host: HostProcess;
  readonly #id: number;
  readonly #disposables = new DisposableStack();
  readonly #listeners = new Set<(addresses: readonly ExposedAddress[]) => void>();
  #addresses: readonly ExposedAddress[] = [];
  #isLost = false;

  constructor(host: HostProcess, id: number) {
    this.#host = host;
    this.#id = id;
  }

  async start({ startingState, snapshot }: ClusterRequest): Promise<void> {
    this.#host.clusterCount++;
    this.#disposables.use(this.#host.onLost(this.#id, () => void (this.#isLost = true)));
    this.#disposables.use(
      this.#host.onAddresses(this.#id, (addresses) => {
        this.#addresses = addresses;
        for (const listener of this.#listeners) listener(addresses);
      }),
    );
    try {
      const answer = await this.#host.call({
        type: 'create',
        cluster: this.#id,
        startingState,
        ...(snapshot && { snapshot }),
      });
      if (answer.type !== 'created')
        throw new Error(`Cannot use the answer "${answer.type}" to "create"`);
      this.learnerKubeconfig = answer.learnerKubeconfig;
      this.serverKubeconfig = answer.serverKubeconfig;
    } catch (error) {
      this.#host.clusterCount--;
      this.#disposables.dispose();
      throw error;
    }
  }

  watchAddresses(listener: (addresses: readonly ExposedAddress[]) => void): Disposable {
    this.#listeners.add(listener);
    if (this.#addresses.length > 0) listener(this.#addresses);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async serve(address: ExposedAddress, socket: Server): Promise<void> {
    try {
      await this.#host.call({ type: 'serve', cluster: this.#id, address }, socket);
    } finally {
      // The host has a descriptor of its own; with this one open, connections would land here as well.
      socket.close();
    }
  }

  async serveDns(socket: Server | UdpSocket): Promise<void> {
    try {
      await this.#host.call({ type: 'serve-dns', cluster: this.#id }, socket);
    } finally {
      socket.close();
    }
  }

  async forward(service: ServicePort): Promise<number> {
    const answer = await this.#host.call({ type: 'forward', cluster: this.#id, service });
    if (answer.type !== 'forwarded')
      throw new Error(`Cannot use the answer "${answer.type}" to "forward"`);
    return answer.port;
  }

  async snapshot(): Promise<Uint8Array | undefined> {
    const answer = await this.#host.call({ type: 'snapshot', cluster: this.#id });
    return answer.type === 'snapshot' ? answer.data : undefined;
  }

  onLost(listener: (error: Error) => void): void {
    this.#disposables.use(this.#host.onLost(this.#id, listener));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposables.disposed) return;
    this.#disposables.dispose();
    this.#host.clusterCount--;
    if (!this.#host.isLost && !this.#isLost)
      await this.#host.call({ type: 'dispose', cluster: this.#id });
  }
}
