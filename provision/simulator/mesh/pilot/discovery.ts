import type { ClusterClient, Resource } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import type { KubeObject, Labels } from '../../kinds/object.ts';
import {
  configMaps,
  endpointSlices,
  namespaces,
  nodes,
  pods,
  secrets,
  services,
} from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import {
  authorizationPolicies,
  destinationRules,
  envoyFilters,
  gateways,
  peerAuthentications,
  requestAuthentications,
  sidecars,
  telemetries,
  virtualServices,
} from '../istio/resources.ts';
import { meshConfigIn } from './mesh-config.ts';
import type { ProxyNode } from './node.ts';
import { ProxyConfiguration } from './push/proxy-configuration.ts';
import { kubernetesServices } from './registry/kubernetes.ts';
import { byAge, type MeshSnapshot } from './snapshot.ts';
import { WatchedTable } from './watched-table.ts';

/** Changes come in bursts; istiod waits as well, longer (PILOT_DEBOUNCE_AFTER, 100 ms). */
const DEBOUNCE_MS = 15;

/** A proxy that is connected. */
export interface Subscriber {
  readonly node: ProxyNode;
  readonly onConfiguration: (configuration: ProxyConfiguration) => void;
  /** istiod has gone. */
  readonly onClose: () => void;
}

/** A proxy as istiod's own pages list it. */
export interface ConnectedProxy {
  readonly node: ProxyNode;
  readonly connectedMs: number;
  /** Version of the mesh that it has been given, and has taken; the two are equal, as proxies take what they get at once. */
  readonly version: number;
  readonly sentMs: number;
}

export interface DiscoveryOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly istioNamespace: string;
  /** `default`, or the revision in the names of istiod's objects. */
  readonly revision: string;
}

/** What proxies ask istiod for: their configuration, and word of each change. In a real mesh this is xDS over gRPC. */
export class Discovery implements Disposable {
  readonly #options: DiscoveryOptions;
  readonly #stack = new DisposableStack();
  readonly #subscribers = new Map<Subscriber, ConnectedProxy>();
  readonly #tables;
  #version = 0;
  #snapshot: MeshSnapshot | undefined;
  #pending: Disposable | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    const changed = () => this.#changed();
    const table = <T extends KubeObject>(
      resource: Resource<T>,
      isSameTo?: (before: T, after: T) => boolean,
    ) => this.#stack.use(new WatchedTable(options.client, resource, changed, isSameTo));
    this.#tables = {
      services: table(services),
      slices: table(endpointSlices),
      pods: table(pods, isSamePlace),
      nodes: table(nodes, (one, other) => isSame(one.metadata.labels, other.metadata.labels)),
      namespaces: table(namespaces, (one, other) =>
        isSame(one.metadata.labels, other.metadata.labels),
      ),
      configMaps: table(configMaps, (one) => one.metadata.name !== this.#configMapName),
      secrets: table(secrets),
      virtualServices: table(virtualServices),
      destinationRules: table(destinationRules),
      gateways: table(gateways),
      sidecars: table(sidecars),
      envoyFilters: table(envoyFilters),
      peerAuthentications: table(peerAuthentications),
      requestAuthentications: table(requestAuthentications),
      authorizationPolicies: table(authorizationPolicies),
      telemetries: table(telemetries),
    };
  }

  /** The mesh as it is now. */
  get snapshot(): MeshSnapshot {
    this.#snapshot ??= this.#take();
    return this.#snapshot;
  }

  /** Gives a proxy its configuration as it is now and after each change, until disposed of. */
  subscribe(subscriber: Subscriber): Disposable {
    const nowMs = this.#options.clock.now();
    this.#subscribers.set(subscriber, {
      node: subscriber.node,
      connectedMs: nowMs,
      version: this.snapshot.version,
      sentMs: nowMs,
    });
    subscriber.onConfiguration(new ProxyConfiguration(this.snapshot, subscriber.node));
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** Proxies that are connected now. */
  proxies(): readonly ConnectedProxy[] {
    return [...this.#subscribers.values()];
  }

  /** istiod goes away: every proxy that is connected learns of it. */
  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
    this.#stack.dispose();
    for (const { onClose } of this.#subscribers.keys()) onClose();
    this.#subscribers.clear();
  }

  get #configMapName(): string {
    const { revision } = this.#options;
    return revision === 'default' ? 'istio' : `istio-${revision}`;
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#pending ??= this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#pending = undefined;
      this.#push();
    });
  }

  #push(): void {
    const { snapshot } = this;
    const sentMs = this.#options.clock.now();
    for (const [subscriber, proxy] of this.#subscribers) {
      this.#subscribers.set(subscriber, { ...proxy, version: snapshot.version, sentMs });
      subscriber.onConfiguration(new ProxyConfiguration(snapshot, subscriber.node));
    }
  }

  #take(): MeshSnapshot {
    const { istioNamespace } = this.#options;
    const tables = this.#tables;
    return {
      version: ++this.#version,
      config: meshConfigIn(
        tables.configMaps.get(istioNamespace, this.#configMapName),
        istioNamespace,
      ),
      services: kubernetesServices({
        services: tables.services.values(),
        slices: tables.slices.values(),
        pods: tables.pods.values(),
        nodes: tables.nodes.values(),
      }),
      virtualServices: aged(tables.virtualServices),
      destinationRules: aged(tables.destinationRules),
      gateways: aged(tables.gateways),
      sidecars: aged(tables.sidecars),
      envoyFilters: aged(tables.envoyFilters),
      peerAuthentications: aged(tables.peerAuthentications),
      requestAuthentications: aged(tables.requestAuthentications),
      authorizationPolicies: aged(tables.authorizationPolicies),
      telemetries: aged(tables.telemetries),
      namespaceLabels: new Map<string, Labels>(
        tables.namespaces
          .values()
          .map(({ metadata }) => [metadata.name, metadata.labels ?? {}] as const),
      ),
      secret: (namespace, name) => tables.secrets.get(namespace, name),
    };
  }
}

function aged<T extends KubeObject>(table: WatchedTable<T>): readonly T[] {
  return table.values().toSorted(byAge);
}

/** Most changes of a pod are of its status, which proxies do not look at: endpoints tell what is ready. */
function isSamePlace(before: Pod, after: Pod): boolean {
  return (
    before.status.podIP === after.status.podIP &&
    before.metadata.labels === after.metadata.labels &&
    before.spec.nodeName === after.spec.nodeName
  );
}
