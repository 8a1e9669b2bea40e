import { parse } from 'yaml';

import type { ClusterClient } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import { stringAt } from '../../kinds/json.ts';
import { configMaps, endpointSlices, pods, services } from '../../kinds/resources.ts';
import type { ConfigMap, Pod, Service } from '../../kinds/types/core.ts';
import type { EndpointSlice } from '../../kinds/types/discovery.ts';
import { destinationRules, gateways, virtualServices } from '../istio/resources.ts';
import {
  byAge,
  type Endpoint,
  isHttpPort,
  mergeRules,
  type MeshPort,
  type MeshService,
  type MeshSnapshot,
  workloadOf,
} from './snapshot.ts';
import { WatchedTable } from './watched-table.ts';

/** Changes come in bursts; istiod waits as well, longer (PILOT_DEBOUNCE_AFTER, 100 ms). */
const DEBOUNCE_MS = 15;

/** A proxy that is connected. */
export interface Subscriber {
  readonly onSnapshot: (snapshot: MeshSnapshot) => void;
  /** istiod has gone. */
  readonly onClose: () => void;
}

/** What proxies ask istiod for: the mesh as it is, and word of each change. In a real mesh this is xDS over gRPC. */
export class Discovery implements Disposable {
  readonly #clock: Clock;
  readonly #stack = new DisposableStack();
  readonly #subscribers = new Set<Subscriber>();
  readonly #services: WatchedTable<Service>;
  readonly #slices: WatchedTable<EndpointSlice>;
  readonly #pods: WatchedTable<Pod>;
  readonly #virtualServices;
  readonly #rules;
  readonly #gateways;
  readonly #istioNamespace: string;
  readonly #configMaps;
  #version = 0;
  #snapshot: MeshSnapshot | undefined;
  #pending: Disposable | undefined;

  constructor(client: ClusterClient, clock: Clock, istioNamespace: string) {
    this.#clock = clock;
    this.#istioNamespace = istioNamespace;
    const changed = () => this.#changed();
    this.#services = this.#stack.use(new WatchedTable(client, services, changed));
    this.#slices = this.#stack.use(new WatchedTable(client, endpointSlices, changed));
    this.#pods = this.#stack.use(new WatchedTable(client, pods, changed));
    this.#virtualServices = this.#stack.use(new WatchedTable(client, virtualServices, changed));
    this.#rules = this.#stack.use(new WatchedTable(client, destinationRules, changed));
    this.#gateways = this.#stack.use(new WatchedTable(client, gateways, changed));
    this.#configMaps = this.#stack.use(new WatchedTable(client, configMaps, changed));
  }

  /** Tells a proxy of the mesh as it is now and after each change, until disposed of. */
  subscribe(subscriber: Subscriber): Disposable {
    this.#subscribers.add(subscriber);
    subscriber.onSnapshot(this.#current());
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** istiod goes away: every proxy that is connected learns of it. */
  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
    this.#stack.dispose();
    for (const { onClose } of this.#subscribers) onClose();
    this.#subscribers.clear();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#pending ??= this.#clock.after(DEBOUNCE_MS, () => {
      this.#pending = undefined;
      const snapshot = this.#current();
      for (const { onSnapshot } of this.#subscribers) onSnapshot(snapshot);
    });
  }

  #current(): MeshSnapshot {
    this.#snapshot ??= {
      version: ++this.#version,
      services: this.#meshServices(),
      virtualServices: this.#virtualServices.values().toSorted(byAge),
      rules: mergeRules(this.#rules.values().toSorted(byAge)),
      gateways: this.#gateways.values().toSorted(byAge),
      accessLogFile: this.#accessLogFile(),
    };
    return this.#snapshot;
  }

  #meshServices(): ReadonlyMap<string, MeshService> {
    const slices = Map.groupBy(
      this.#slices.values(),
      ({ metadata }) =>
        `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
    );
    const podsByIp = new Map(this.#pods.values().map((pod) => [pod.status.podIP, pod]));
    const found = new Map<string, MeshService>();
    for (const { metadata, spec } of this.#services.values()) {
      const { name, namespace = 'default' } = metadata;
      const host = `${name}.${namespace}.svc.cluster.local`;
      const own = slices.get(`${namespace}/${name}`) ?? [];
      const ports = (spec.ports ?? [])
        .filter(({ protocol }) => protocol !== 'UDP')
        .map((port): MeshPort => ({
          port,
          isHttp: isHttpPort(port),
          endpoints: endpointsOf(port.name ?? '', own, podsByIp),
        }));
      found.set(host, { host, name, namespace, clusterIp: spec.clusterIP, ports });
    }
    return found;
  }

  /** `meshConfig.accessLogFile`, from the ConfigMap `istio`. */
  #accessLogFile(): string {
    const configMap = this.#configMaps.get(this.#istioNamespace, 'istio');
    if (!configMap) return '';
    const known = accessLogFiles.get(configMap);
    if (known !== undefined) return known;
    const file = accessLogFileIn(configMap.data?.['mesh'] ?? '');
    accessLogFiles.set(configMap, file);
    return file;
  }
}

/** By ConfigMap, which clusters of one starting state share: every change of the mesh asks, and the answer hardly ever changes. */
const accessLogFiles = new WeakMap<ConfigMap, string>();

function accessLogFileIn(meshConfig: string): string {
  try {
    return stringAt(parse(meshConfig), 'accessLogFile');
  } catch {
    // A mesh configuration that is no YAML counts as none, as istiod keeps running with its defaults.
    return '';
  }
}

function endpointsOf(
  portName: string,
  slices: readonly EndpointSlice[],
  podsByIp: ReadonlyMap<string | undefined, Pod>,
): readonly Endpoint[] {
  return slices.flatMap((slice) => {
    const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port;
    if (port === undefined) return [];
    return slice.endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses)
      .map((ip): Endpoint => {
        const pod = podsByIp.get(ip);
        if (!pod) return { ip, port, labels: {}, workload: undefined, hasSidecar: false };
        const labels = pod.metadata.labels ?? {};
        const hasSidecar = labels['security.istio.io/tlsMode'] === 'istio';
        return { ip, port, labels, workload: workloadOf(pod), hasSidecar };
      });
  });
}
