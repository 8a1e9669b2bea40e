import type { ClusterClient } from '../client/client.ts';
import { endpointSlices, nodes, services } from '../kinds/resources.ts';
import type { Service, ServicePort } from '../kinds/types/core.ts';
import type { EndpointSlice } from '../kinds/types/discovery.ts';
import type { Peer } from './http.ts';

/** A pod behind a Service. */
export interface RouteEndpoint extends Peer {
  readonly nodeName?: string;
}

/** One address of one port of a Service, and the pods behind it. */
export interface ServiceRoute {
  readonly service: Service;
  readonly port: ServicePort;
  /** How the address is reached: `node` is a node port. */
  readonly via: 'cluster' | 'node' | 'balancer' | 'external';
  /** The node whose port it is. */
  readonly nodeName?: string;
  /**
   * Ready endpoints, or all of them where the Service publishes those that are not. When none is ready, those that serve
   * while they end.
   */
  readonly endpoints: readonly RouteEndpoint[];
}

/**
 * kube-proxy's knowledge: which endpoints stand behind which address
 * (https://kubernetes.io/docs/reference/networking/virtual-ips/). Worked out anew after a change, when it is asked next.
 */
export class ServiceTable implements Disposable {
  readonly #disposables = new DisposableStack();
  readonly #services = new Map<string, Service>();
  /** Slices by namespace/service, then by name. */
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #nodeIps = new Map<string, string>();
  #byAddress: Map<string, ServiceRoute> | undefined;
  #revision = 0;

  constructor(client: ClusterClient, onChange: () => void) {
    const changed = () => {
      this.#byAddress = undefined;
      this.#revision++;
      onChange();
    };
    this.#disposables.use(
      client.watch(services, ({ type, object }) => {
        const key = keyOf(object.metadata);
        if (type === 'DELETED') this.#services.delete(key);
        else this.#services.set(key, object);
        changed();
      }),
    );
    this.#disposables.use(
      client.watch(endpointSlices, ({ type, object }) => {
        this.#keepSlice(type === 'DELETED', object);
        changed();
      }),
    );
    this.#disposables.use(
      client.watch(nodes, ({ type, object }) => {
        const ip = object.status.addresses?.find(
          (address) => address.type === 'InternalIP',
        )?.address;
        if (type === 'DELETED' || ip === undefined) this.#nodeIps.delete(object.metadata.name);
        else this.#nodeIps.set(object.metadata.name, ip);
        changed();
      }),
    );
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  /** Counts changes: while it stays the same, so do all answers. */
  get revision(): number {
    return this.#revision;
  }

  /** All Services. */
  all(): readonly Service[] {
    return [...this.#services.values()];
  }

  /** Whether a namespace has a Service. */
  hasNamespace(namespace: string): boolean {
    return [...this.#services.keys()].some((key) => key.startsWith(`${namespace}/`));
  }

  /** Slices of a Service, for headless look-ups. */
  slicesOf(namespace: string, name: string): readonly EndpointSlice[] {
    return [...(this.#slices.get(`${namespace}/${name}`)?.values() ?? [])];
  }

  /** The route that owns an address; undefined when no Service does. */
  route({ ip, port }: Peer): ServiceRoute | undefined {
    return this.#routes().get(`${ip}:${port}`);
  }

  /** Every address of every Service, as `ip:port`, with its route. */
  routes(): ReadonlyMap<string, ServiceRoute> {
    return this.#routes();
  }

  [Symbol.dispose](): void {
    this.#disposables.dispose();
  }

  #keepSlice(isGone: boolean, slice: EndpointSlice): void {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (service === undefined) return;
    const key = `${slice.metadata.namespace ?? ''}/${service}`;
    const slices = this.#slices.get(key) ?? new Map<string, EndpointSlice>();
    if (isGone) slices.delete(slice.metadata.name);
    else slices.set(slice.metadata.name, slice);
    if (slices.size > 0) this.#slices.set(key, slices);
    else this.#slices.delete(key);
  }

  #routes(): Map<string, ServiceRoute> {
    if (this.#byAddress) return this.#byAddress;
    const table = new Map<string, ServiceRoute>();
    for (const [key, service] of this.#services) {
      const slices = [...(this.#slices.get(key)?.values() ?? [])];
      for (const port of service.spec.ports ?? []) {
        if ((port.protocol ?? 'TCP') !== 'TCP') continue;
        const endpoints = endpointsFor(service, port, slices);
        for (const { address, ...place } of addressesOf(service, port, this.#nodeIps))
          table.set(address, { service, port, endpoints, ...place });
      }
    }
    this.#byAddress = table;
    return table;
  }
}

interface Place extends Pick<ServiceRoute, 'via' | 'nodeName'> {
  /** `ip:port`. */
  readonly address: string;
}

/** Where a Service's port is reached: cluster IPs, node ports, load balancers, external IPs. */
function addressesOf(
  { spec, status }: Service,
  { port, nodePort }: ServicePort,
  nodeIps: ReadonlyMap<string, string>,
): readonly Place[] {
  if (spec.type === 'ExternalName') return [];
  const { clusterIP = '', externalIPs = [] } = spec;
  const hasClusterIp = clusterIP !== '' && clusterIP !== 'None';
  const balancers = status?.loadBalancer?.ingress?.flatMap(({ ip }) => ip ?? []) ?? [];
  return [
    ...(hasClusterIp ? [{ address: `${clusterIP}:${port}`, via: 'cluster' } as const] : []),
    ...externalIPs.map((ip) => ({ address: `${ip}:${port}`, via: 'external' }) as const),
    ...balancers.map((ip) => ({ address: `${ip}:${port}`, via: 'balancer' }) as const),
    ...(nodePort
      ? [...nodeIps].map(([nodeName, ip]) => {
          return { address: `${ip}:${nodePort}`, via: 'node', nodeName } as const;
        })
      : []),
  ];
}

function endpointsFor(
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
): readonly RouteEndpoint[] {
  const all = slices.flatMap((slice) => {
    const target = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
    if (target === undefined) return [];
    return slice.endpoints.flatMap(({ addresses, conditions, nodeName }) =>
      addresses.map((ip) => ({
        conditions,
        endpoint: { ip, port: target, ...(nodeName !== undefined && { nodeName }) },
      })),
    );
  });
  const ready = all.filter(
    ({ conditions }) => service.spec.publishNotReadyAddresses || conditions?.ready !== false,
  );
  const ending = all.filter(({ conditions }) => conditions?.serving && conditions.terminating);
  return (ready.length > 0 ? ready : ending).map(({ endpoint }) => endpoint);
}

function keyOf({
  namespace,
  name,
}: {
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `${namespace ?? ''}/${name}`;
}
