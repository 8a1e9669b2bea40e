import type { ClusterClient } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import type { MeshConfig } from './mesh-config.ts';
import type { ProxyNode } from './node.ts';
import { ProxyConfiguration } from './push/proxy-configuration.ts';
import { orderKeys } from './push/security/request-authentication.ts';
import type { MeshSnapshot } from './snapshot.ts';
import { WatchedMesh } from './watch/watched-mesh.ts';

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
  /** Whether kinds of the Gateway API that are in alpha count (PILOT_ENABLE_ALPHA_GATEWAY_API). Default false. */
  readonly allowsAlpha?: boolean;
  /** The keys that a rule's tokens are signed with; default: nobody fetches any. */
  readonly jwks?: MeshSnapshot['jwks'];
  /** Who signs workloads; default: nobody does. */
  readonly authority?: MeshSnapshot['authority'];
  /** In percent (PILOT_TRACE_SAMPLING); default 1. */
  readonly traceSampling?: MeshSnapshot['traceSampling'];
}

/** What proxies ask istiod for: their configuration, and word of each change. In a real mesh this is xDS over gRPC. */
export class Discovery implements Disposable {
  readonly #options: DiscoveryOptions;
  readonly #mesh: WatchedMesh;
  readonly #subscribers = new Map<Subscriber, ConnectedProxy>();
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #snapshot: MeshSnapshot | undefined;
  #pending: Disposable | undefined;
  #pushedMs = 0;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#mesh = new WatchedMesh({ ...options, onChange: () => this.#changed() });
  }

  /** The mesh's settings as they are now; costs nothing, while the whole mesh is made anew after a change. */
  get config(): MeshConfig {
    return this.#mesh.config;
  }

  /** The mesh as it is now. */
  get snapshot(): MeshSnapshot {
    if (!this.#snapshot) {
      const { jwks, authority, traceSampling } = this.#options;
      const mesh = this.#mesh.take(++this.#version);
      this.#snapshot = { ...mesh, jwks, authority, traceSampling };
      orderKeys(this.#snapshot);
    }
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

  /** Calls `listener` after each change of the mesh, when proxies have been told. */
  onSnapshot(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Proxies that are connected now. */
  proxies(): readonly ConnectedProxy[] {
    return [...this.#subscribers.values()];
  }

  /** istiod goes away: every proxy that is connected learns of it. */
  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
    this.#mesh[Symbol.dispose]();
    for (const { onClose } of this.#subscribers.keys()) onClose();
    this.#subscribers.clear();
  }

  /**
   * Tells proxies of a change at once, for a request that comes before its burst is over; not more often than bursts, so that
   * requests among many changes do not each pay for one.
   */
  hurry(): void {
    if (!this.#pending || this.#options.clock.now() - this.#pushedMs < DEBOUNCE_MS) return;
    this.#pending[Symbol.dispose]();
    this.#pending = undefined;
    this.#push();
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
    this.#pushedMs = sentMs;
    for (const [subscriber, proxy] of this.#subscribers) {
      this.#subscribers.set(subscriber, { ...proxy, version: snapshot.version, sentMs });
      subscriber.onConfiguration(new ProxyConfiguration(snapshot, subscriber.node));
    }
    for (const listener of this.#listeners) listener();
  }
}
