import { fullHost } from '../../hosts.ts';
import type { DestinationRule } from '../../istio/destination-rule.ts';
import type { Sidecar } from '../../istio/sidecar.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { RuleTable, selectingRules } from './destination-rules.ts';
import { HostTable } from './host-table.ts';
import { type Egress, egressOf, sidecarFor } from './sidecars.ts';
import { isExported } from './visibility.ts';

/** Who looks: what proxies have in common that see the same. */
export interface Viewer {
  readonly type: ProxyNode['type'];
  readonly namespace: string;
  /** Whether it answers DNS for its pod, and so knows the addresses that istiod allots. */
  readonly capturesDns: boolean;
  readonly sidecar: Sidecar | undefined;
  /** Rules that select these proxies by their labels. */
  readonly selecting: readonly DestinationRule[];
}

/**
 * What of the mesh a proxy may see: exportTo of services and configuration, and its Sidecar (Istio's SidecarScope). Shared
 * by all proxies that see the same, and indexed when something is first looked for.
 */
export class Scope {
  readonly mesh: MeshSnapshot;
  /** Namespace of the proxies that look. */
  readonly namespace: string;
  readonly viewer: Viewer;
  /** Tells scopes of one mesh apart, and is the same in the next. */
  readonly key: string;
  /** One for each host. */
  readonly services: readonly MeshService[];
  /** VirtualServices that may be used here, oldest first. */
  readonly virtualServices: readonly VirtualService[];
  readonly egress: readonly Egress[];
  readonly #rules: RuleTable;
  #byHost: ReadonlyMap<string, MeshService> | undefined;
  #byAddress: ReadonlyMap<string, MeshService> | undefined;
  #byPort: ReadonlyMap<number, readonly MeshService[]> | undefined;
  #meshHosts: HostTable<VirtualService> | undefined;

  constructor(mesh: MeshSnapshot, viewer: Viewer, key: string) {
    this.mesh = mesh;
    this.viewer = viewer;
    this.key = key;
    const { namespace } = viewer;
    this.namespace = namespace;
    const { services, virtualServices } = mesh.config.defaultExportTo;
    const visible = {
      services: onePerHost(
        mesh.services.filter((one) =>
          isExported(orElse(one.exportTo, services), one.namespace, namespace),
        ),
        namespace,
      ),
      virtualServices: mesh.virtualServices.filter(({ metadata, spec }) =>
        isExported(
          orElse(spec?.exportTo, virtualServices),
          metadata.namespace ?? 'default',
          namespace,
        ),
      ),
    };
    this.egress = egressOf(viewer.sidecar, visible, namespace);
    const [first, ...others] = this.egress;
    this.services =
      others.length === 0
        ? (first?.services ?? [])
        : onePerHost(
            this.egress.flatMap((one) => one.services),
            namespace,
          );
    this.virtualServices =
      others.length === 0
        ? (first?.virtualServices ?? [])
        : visible.virtualServices.filter((one) =>
            this.egress.some((egress) => egress.virtualServices.includes(one)),
          );
    this.#rules = new RuleTable(mesh, namespace, viewer.selecting);
  }

  /** Whether what no service is known for may leave the pod. */
  get allowsAny(): boolean {
    const own = this.viewer.sidecar?.spec?.outboundTrafficPolicy;
    const mode = own ? (own.mode ?? 'REGISTRY_ONLY') : this.mesh.config.outboundTrafficPolicy;
    return mode === 'ALLOW_ANY';
  }

  /** The service of a full host name: of several, the one in the caller's namespace, else Kubernetes' own, else the oldest. */
  service(host: string): MeshService | undefined {
    this.#byHost ??= new Map(
      this.services.flatMap((service) => [
        ...(service.aliases ?? []).map((alias) => [alias, service] as const),
        [service.host, service] as const,
      ]),
    );
    return this.#byHost.get(host);
  }

  /** The service at an address. */
  serviceAt(ip: string): MeshService | undefined {
    this.#byAddress ??= new Map(
      this.services.flatMap((service) =>
        this.addressesOf(service).map((address) => [address, service]),
      ),
    );
    return this.#byAddress.get(ip);
  }

  /** Addresses at which clients here reach a service. */
  addressesOf({ addresses, allotted }: MeshService): readonly string[] {
    return addresses.length === 0 && allotted !== undefined && this.viewer.capturesDns
      ? [allotted]
      : addresses;
  }

  /** All services with a port of this number: those of the egress listener for the port, else of that for all ports. */
  servicesOn(port: number): readonly MeshService[] {
    this.#byPort ??= indexByPort(this.egress);
    return this.#byPort.get(port) ?? [];
  }

  /** Port numbers that some service has, in order. */
  ports(): readonly number[] {
    this.#byPort ??= indexByPort(this.egress);
    return [...this.#byPort.keys()].toSorted((one, other) => one - other);
  }

  /** The oldest VirtualService of the mesh for the very host, else for the longest wildcard that stands for it. */
  virtualServiceFor(host: string): VirtualService | undefined {
    return this.#meshTable().find(host);
  }

  /** Hosts of the mesh's VirtualServices, as full names or wildcards. */
  virtualServiceHosts(): readonly string[] {
    return this.#meshTable().hosts();
  }

  /** The DestinationRules for a service's host (`RuleTable.find`). */
  rulesFor(host: string, serviceNamespace: string): readonly DestinationRule[] {
    return this.#rules.find(host, serviceNamespace);
  }

  #meshTable(): HostTable<VirtualService> {
    if (!this.#meshHosts) {
      this.#meshHosts = new HostTable();
      for (const service of this.virtualServices.filter(isForMesh)) {
        const { namespace = 'default' } = service.metadata;
        for (const host of service.spec?.hosts ?? []) {
          this.#meshHosts.add(fullHost(host, namespace), service);
        }
      }
    }
    return this.#meshHosts;
  }
}

/** Made once for all proxies that see the same. */
const scopes = new WeakMap<MeshSnapshot, Map<string, Scope>>();

/** What a proxy sees. */
export function scopeOf(mesh: MeshSnapshot, node: ProxyNode): Scope {
  let known = scopes.get(mesh);
  if (!known) scopes.set(mesh, (known = new Map()));
  const { type, namespace, capturesDns } = node;
  const sidecar = sidecarFor(mesh, node);
  const selecting = selectingRules(mesh, node);
  const key = [
    type,
    namespace,
    capturesDns,
    sidecar && `${sidecar.metadata.namespace}/${sidecar.metadata.name}`,
    ...selecting.map(({ metadata }) => metadata.name),
  ].join(' ');
  let scope = known.get(key);
  if (!scope) {
    scope = new Scope(mesh, { type, namespace, capturesDns, sidecar, selecting }, key);
    known.set(key, scope);
  }
  return scope;
}

function orElse(
  written: readonly string[] | undefined,
  others: readonly string[],
): readonly string[] {
  return written?.length ? written : others;
}

function isForMesh({ spec }: VirtualService): boolean {
  const gateways = spec?.gateways ?? [];
  return gateways.length === 0 || gateways.includes('mesh');
}

/** Of several services for a host one counts; ServiceEntries of one namespace for the same host add up their ports. */
function onePerHost(services: readonly MeshService[], namespace: string): readonly MeshService[] {
  const found = new Map<string, MeshService>();
  for (const service of services) {
    const other = found.get(service.host);
    if (other && isMergeable(other, service)) {
      const ports = service.ports.filter(
        ({ number }) => !other.ports.some((port) => port.number === number),
      );
      if (ports.length > 0)
        found.set(service.host, { ...other, ports: [...other.ports, ...ports] });
    } else if (!other || isPreferred(service, other, namespace)) found.set(service.host, service);
  }
  return [...found.values()];
}

function isMergeable(known: MeshService, service: MeshService): boolean {
  return (
    known.source === 'ServiceEntry' &&
    service.source === 'ServiceEntry' &&
    known.namespace === service.namespace &&
    known.resolution === service.resolution &&
    known.isExternal === service.isExternal
  );
}

function isPreferred(service: MeshService, other: MeshService, namespace: string): boolean {
  if (service.source !== other.source) return service.source === 'Kubernetes';
  if ((service.namespace === namespace) !== (other.namespace === namespace)) {
    return service.namespace === namespace;
  }
  return service.createdAt < other.createdAt;
}

function indexByPort(egress: readonly Egress[]): ReadonlyMap<number, readonly MeshService[]> {
  const taken = new Set(egress.flatMap(({ port }) => port ?? []));
  const pairs = egress.flatMap(({ port: only, services }) => {
    const isOwn = (number: number) => (only === undefined ? !taken.has(number) : only === number);
    return services.flatMap((service) =>
      [...new Set(service.ports.map(({ number }) => number))]
        .filter(isOwn)
        .map((number) => [number, service] as const),
    );
  });
  const found = new Map<number, MeshService[]>();
  for (const [number, service] of pairs) {
    const others = found.get(number);
    if (others) others.push(service);
    else found.set(number, [service]);
  }
  return found;
}
