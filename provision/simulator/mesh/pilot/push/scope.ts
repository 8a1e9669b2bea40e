import type { DestinationRule } from '../../istio/destination-rule.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import { bySpecificity, fullHost, matchesHost } from '../hosts.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';

/**
 * What of the mesh the proxies of a namespace may see: exportTo of services and configuration (Istio's SidecarScope). Shared
 * by all proxies that see the same, and indexed when something is first looked for.
 */
export class Scope {
  readonly mesh: MeshSnapshot;
  /** Namespace of the proxies that look. */
  readonly namespace: string;
  readonly services: readonly MeshService[];
  /** VirtualServices that may be used here, oldest first. */
  readonly virtualServices: readonly VirtualService[];
  #byHost: ReadonlyMap<string, MeshService> | undefined;
  #byAddress: ReadonlyMap<string, MeshService> | undefined;
  #byPort: ReadonlyMap<number, readonly MeshService[]> | undefined;
  #meshHosts: HostTable<VirtualService> | undefined;
  readonly #rules = new Map<string, readonly DestinationRule[]>();

  constructor(mesh: MeshSnapshot, namespace: string) {
    this.mesh = mesh;
    this.namespace = namespace;
    this.services = mesh.services.filter(({ exportTo, namespace: own }) =>
      isExported(exportTo, own, namespace),
    );
    this.virtualServices = mesh.virtualServices.filter(({ metadata, spec }) =>
      isExported(spec?.exportTo ?? [], metadata.namespace ?? 'default', namespace),
    );
  }

  /** The service of a full host name: of several, the one in the caller's namespace, else Kubernetes' own, else the oldest. */
  service(host: string): MeshService | undefined {
    this.#byHost ??= indexByHost(this.services, this.namespace);
    return this.#byHost.get(host);
  }

  /** The service at an address. */
  serviceAt(ip: string): MeshService | undefined {
    this.#byAddress ??= new Map(
      this.services.flatMap((service) => service.addresses.map((address) => [address, service])),
    );
    return this.#byAddress.get(ip);
  }

  /** All services with a port of this number. */
  servicesOn(port: number): readonly MeshService[] {
    this.#byPort ??= indexByPort(this.services);
    return this.#byPort.get(port) ?? [];
  }

  /** Port numbers that some service has, in order. */
  ports(): readonly number[] {
    this.#byPort ??= indexByPort(this.services);
    return [...this.#byPort.keys()].toSorted((one, other) => one - other);
  }

  /** The oldest VirtualService of the mesh for the very host, else for the longest wildcard that stands for it. */
  virtualServiceFor(host: string): VirtualService | undefined {
    this.#meshHosts ??= this.#indexHosts();
    return this.#meshHosts.find(host);
  }

  /** Hosts of the mesh's VirtualServices, as full names or wildcards. */
  virtualServiceHosts(): readonly string[] {
    this.#meshHosts ??= this.#indexHosts();
    return this.#meshHosts.hosts();
  }

  /**
   * The DestinationRules for a service's host, oldest first: those of the client's namespace, else of the service's, else of the
   * root namespace; among them those for the most specific host.
   */
  rulesFor(host: string, serviceNamespace: string): readonly DestinationRule[] {
    const key = `${host} ${serviceNamespace}`;
    let rules = this.#rules.get(key);
    if (!rules) {
      rules = this.#lookUpRules(host, serviceNamespace);
      this.#rules.set(key, rules);
    }
    return rules;
  }

  #lookUpRules(host: string, serviceNamespace: string): readonly DestinationRule[] {
    const { rootNamespace } = this.mesh.config;
    for (const namespace of new Set([this.namespace, serviceNamespace, rootNamespace])) {
      const found = this.#rulesIn(namespace).filter(([pattern]) => matchesHost(pattern, host));
      const [best] = found.map(([pattern]) => pattern).toSorted(bySpecificity);
      if (best !== undefined) {
        return found.filter(([pattern]) => pattern === best).map(([, rule]) => rule);
      }
    }
    return [];
  }

  #rulesIn(namespace: string): readonly (readonly [string, DestinationRule])[] {
    return this.mesh.destinationRules
      .filter(({ metadata }) => metadata.namespace === namespace)
      .filter(({ spec }) => isExported(spec?.exportTo ?? [], namespace, this.namespace))
      .map((rule) => [fullHost(rule.spec?.host ?? '', namespace), rule]);
  }

  #indexHosts(): HostTable<VirtualService> {
    const table = new HostTable<VirtualService>();
    for (const service of this.virtualServices.filter(isForMesh)) {
      const namespace = service.metadata.namespace ?? 'default';
      for (const host of service.spec?.hosts ?? []) table.add(fullHost(host, namespace), service);
    }
    return table;
  }
}

/** Made once for all proxies that see the same. */
const scopes = new WeakMap<MeshSnapshot, Map<string, Scope>>();

/** What a proxy sees. */
export function scopeOf(mesh: MeshSnapshot, { namespace }: ProxyNode): Scope {
  let known = scopes.get(mesh);
  if (!known) {
    known = new Map();
    scopes.set(mesh, known);
  }
  let scope = known.get(namespace);
  if (!scope) {
    scope = new Scope(mesh, namespace);
    known.set(namespace, scope);
  }
  return scope;
}

/** Things by host name or wildcard; the first for a name stays. */
class HostTable<T> {
  readonly #exact = new Map<string, T>();
  readonly #wildcards = new Map<string, T>();
  #sorted: readonly string[] | undefined;

  add(host: string, value: T): void {
    const table = host.startsWith('*') ? this.#wildcards : this.#exact;
    if (!table.has(host)) table.set(host, value);
  }

  find(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    this.#sorted ??= [...this.#wildcards.keys()].toSorted(bySpecificity);
    const pattern = this.#sorted.find((one) => matchesHost(one, host));
    return pattern === undefined ? undefined : this.#wildcards.get(pattern);
  }

  hosts(): readonly string[] {
    return [...this.#exact.keys(), ...this.#wildcards.keys()];
  }
}

function isExported(exportTo: readonly string[], own: string, namespace: string): boolean {
  if (exportTo.length === 0 || exportTo.includes('*')) return true;
  return exportTo.includes(namespace) || (own === namespace && exportTo.includes('.'));
}

function isForMesh({ spec }: VirtualService): boolean {
  const gateways = spec?.gateways ?? [];
  return gateways.length === 0 || gateways.includes('mesh');
}

function indexByHost(
  services: readonly MeshService[],
  namespace: string,
): ReadonlyMap<string, MeshService> {
  const found = new Map<string, MeshService>();
  for (const service of services) {
    const other = found.get(service.host);
    if (!other || isPreferred(service, other, namespace)) found.set(service.host, service);
  }
  return found;
}

function isPreferred(one: MeshService, other: MeshService, namespace: string): boolean {
  if (one.source !== other.source) return one.source === 'Kubernetes';
  if ((one.namespace === namespace) !== (other.namespace === namespace)) {
    return one.namespace === namespace;
  }
  return one.createdAt < other.createdAt;
}

function indexByPort(
  services: readonly MeshService[],
): ReadonlyMap<number, readonly MeshService[]> {
  const found = new Map<number, MeshService[]>();
  for (const service of services) {
    for (const number of new Set(service.ports.map((port) => port.number))) {
      const others = found.get(number);
      if (others) others.push(service);
      else found.set(number, [service]);
    }
  }
  return found;
}
