import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import type { Cluster, ExposedAddress, Provider, ServicePort } from '../../provider.ts';
import { forwardTo } from './forwarding.ts';
import { GatewayWatch } from './gateway-watch.ts';
import { type GatewayAddress, otherMachines, within } from './gateways.ts';
import { type KubeconfigSource, readKubeconfig, type RealCluster } from './read-kubeconfig.ts';

export interface KubeconfigProviderOptions extends KubeconfigSource {
  /**
   * Networks that gateways may be in, in CIDR notation. Default: any but this machine itself and addresses that only
   * neighbours on its own link reach.
   */
  readonly gateways?: readonly string[];
}

/** Where the API server is found in a learner's network, as on the simulated clusters. */
const API_SERVER: ExposedAddress = { ip: '172.30.1.2', port: 6443 };

/** Gives one learner at a time the cluster of a kubeconfig, which stays as they leave it. */
export class KubeconfigProvider implements Provider {
  readonly name = 'kubeconfig';
  readonly isSimulated = false;
  readonly #cluster: RealCluster;
  readonly #gateways: readonly string[] | undefined;
  #isTaken = false;

  /** @throws KubeconfigError when the kubeconfig cannot be used */
  constructor(options: KubeconfigProviderOptions) {
    this.#cluster = readKubeconfig(options, API_SERVER);
    this.#gateways = options.gateways;
  }

  async create(): Promise<Cluster> {
    if (this.#isTaken) {
      throw new Error('Cannot give a second learner the cluster: it is one learner’s at a time');
    }
    this.#isTaken = true;
    const onEnd = () => {
      this.#isTaken = false;
    };
    try {
      const range = this.#gateways ? within(this.#gateways) : otherMachines();
      const shared = new SharedCluster(this.#cluster, onEnd);
      await shared.start(range);
      return shared;
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isTaken = false;
  }
}

/** The real cluster while a learner has it: two kinds of addresses lead out of the sandbox, the API server's and gateways'. */
class SharedCluster implements Cluster {
  readonly isSimulated = false;
  readonly dnsIp = undefined;
  readonly #cluster: RealCluster;
  readonly #onEnd: () => void;
  readonly #stack = new DisposableStack();
  readonly #listeners = new Set<(addresses: readonly ExposedAddress[]) => void>();
  readonly #served = new Map<string, Disposable>();
  /** Ports of 127.0.0.1 for previews, by the gateway's address. */
  readonly #forwards = new Map<string, Promise<number>>();
  #gateways: readonly GatewayAddress[] = [];

  constructor(cluster: RealCluster, onEnd: () => void) {
    this.#cluster = cluster;
    this.#onEnd = onEnd;
  }

  get learnerKubeconfig(): string {
    return this.#cluster.learnerKubeconfig;
  }

  get serverKubeconfig(): string {
    return this.#cluster.serverKubeconfig;
  }

  /** @throws Error when the API server does not answer, or does not let its user read Services and nodes */
  async start(range: Parameters<typeof GatewayWatch.start>[1]): Promise<void> {
    const { host, port } = this.#cluster.apiServer;
    try {
      const watch = await GatewayWatch.start(this.serverKubeconfig, range, (gateways) => {
        this.#become(gateways.filter((one) => keyOf(one) !== keyOf(API_SERVER)));
      });
      this.#stack.use(watch);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw new Error(`Cannot look at the cluster behind ${host}:${port}: ${why}`, { cause });
    }
  }

  watchAddresses(listener: (addresses: readonly ExposedAddress[]) => void): Disposable {
    this.#listeners.add(listener);
    listener(this.#addresses);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async serve(address: ExposedAddress, socket: Server): Promise<void> {
    const key = keyOf(address);
    if (this.#stack.disposed || !this.#addresses.some((one) => keyOf(one) === key)) {
      socket.close();
      return;
    }
    const isApiServer = key === keyOf(API_SERVER);
    const target = isApiServer ? this.#cluster.apiServer : { host: address.ip, port: address.port };
    this.#served.get(key)?.[Symbol.dispose]();
    this.#served.set(key, forwardTo(target, socket));
  }

  async serveDns(): Promise<void> {
    throw new Error('Cannot answer for names on a real cluster: its name server is not passed on');
  }

  /** Only gateways: whatever else is in the cluster is not passed on. */
  async forward({ namespace, name, port }: ServicePort): Promise<number> {
    const gateway = this.#gateways.find(
      ({ service }) =>
        service.namespace === namespace && service.name === name && service.port === port,
    );
    if (!gateway || this.#stack.disposed) {
      throw new Error(
        `Cannot show ${namespace}/${name}: no gateway of the cluster has port ${port}`,
      );
    }
    const key = keyOf(gateway);
    const forward = this.#forwards.get(key) ?? this.#listenFor(gateway);
    this.#forwards.set(key, forward);
    return forward;
  }

  async snapshot(): Promise<undefined> {
    return undefined;
  }

  /** It is lost only when its owner takes it away, which requests tell better. */
  onLost(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stack.disposed) return;
    this.#stack.dispose();
    for (const served of this.#served.values()) served[Symbol.dispose]();
    this.#served.clear();
    this.#onEnd();
  }

  get #addresses(): readonly ExposedAddress[] {
    return [API_SERVER, ...this.#gateways.map(({ ip, port }) => ({ ip, port }))];
  }

  async #listenFor({ ip, port }: GatewayAddress): Promise<number> {
    const socket = createServer();
    this.#stack.use(forwardTo({ host: ip, port }, socket));
    socket.listen(0, '127.0.0.1');
    await once(socket, 'listening');
    const address = socket.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  #become(gateways: readonly GatewayAddress[]): void {
    this.#gateways = gateways;
    const addresses = this.#addresses;
    const wanted = new Set(addresses.map(keyOf));
    for (const [key, served] of this.#served) {
      if (wanted.has(key)) continue;
      this.#served.delete(key);
      served[Symbol.dispose]();
    }
    for (const listener of this.#listeners) listener(addresses);
  }
}

function keyOf({ ip, port }: ExposedAddress): string {
  return `${ip}:${port}`;
}
