import type { Labels } from '../../kinds/object.ts';
import type { HttpRequest } from '../../net/http.ts';
import type { Target } from '../../net/network.ts';
import type { VirtualService } from '../istio/types.ts';
import {
  covers,
  fullHost,
  type MeshPort,
  type MeshService,
  type MeshSnapshot,
} from '../pilot/snapshot.ts';
import { type CompiledRoute, compileRoutes } from './routing/route-table.ts';

/** A port of a service that a request is meant for. */
export interface MeshTarget {
  readonly service: MeshService;
  readonly port: MeshPort;
}

/** A sidecar's view of the mesh: which service a request means, and the rules for it. Made anew when the mesh changes. */
export class MeshRoutes {
  readonly #snapshot: MeshSnapshot;
  readonly #client: { readonly labels: Labels; readonly namespace: string };
  readonly #targets = new Map<string, MeshTarget | undefined>();
  /** Rules by host and port, compiled when they are first needed. */
  readonly #rules = new Map<string, readonly CompiledRoute[] | undefined>();
  readonly #ownHosts = new Map<number, string>();

  constructor(
    snapshot: MeshSnapshot,
    client: { readonly labels: Labels; readonly namespace: string },
  ) {
    this.#snapshot = snapshot;
    this.#client = client;
  }

  /** The service and port a request is for: by its Host header on a port that the service has, else by address. */
  targetOf({ host, port }: Target, { authority }: HttpRequest): MeshTarget | undefined {
    const key = `${authority} ${host} ${port}`;
    if (this.#targets.has(key)) return this.#targets.get(key);
    const named = authority.replace(/:\d+$/, '');
    const found = this.#lookUp(named, port) ?? this.#lookUp(host, port);
    // Hosts come from programs, and may be anything.
    if (this.#targets.size > REMEMBERED_TARGETS) this.#targets.clear();
    this.#targets.set(key, found);
    return found;
  }

  /** The rules of the oldest VirtualService of the mesh for a host; undefined when there is none. */
  rulesFor({ service, port }: MeshTarget): readonly CompiledRoute[] | undefined {
    const key = `${service.host}:${port.port.port}`;
    if (!this.#rules.has(key)) this.#rules.set(key, this.#compile(service.host, port.port.port));
    return this.#rules.get(key);
  }

  /** The service whose pods listen at this address; for the names in metrics and logs of the receiving side. */
  hostBehind(ip: string, port: number): string | undefined {
    let host = this.#ownHosts.get(port);
    if (host !== undefined) return host;
    for (const service of this.#snapshot.services.values()) {
      const isBehind = service.ports.some(({ endpoints }) =>
        endpoints.some((endpoint) => endpoint.ip === ip && endpoint.port === port),
      );
      if (isBehind) host ??= service.host;
    }
    if (host !== undefined) this.#ownHosts.set(port, host);
    return host;
  }

  #lookUp(name: string, number: number): MeshTarget | undefined {
    const service = this.#snapshot.services.get(this.#qualify(name)) ?? this.#byClusterIp(name);
    const port = service?.ports.find((one) => one.port.port === number);
    return service && port && { service, port };
  }

  #byClusterIp(ip: string): MeshService | undefined {
    if (!/^\d/.test(ip)) return undefined;
    return this.#snapshot.services.values().find(({ clusterIp }) => clusterIp === ip);
  }

  /** `reviews`, `reviews.default`, `reviews.default.svc` as Istio's virtual hosts list them. */
  #qualify(written: string): string {
    const name = written.replace(/\.$/, '');
    const labels = name.split('.');
    if (labels.length === 2) return `${name}.svc.cluster.local`;
    if (labels.length === 3 && labels[2] === 'svc') return `${name}.cluster.local`;
    return fullHost(name, this.#client.namespace);
  }

  #compile(host: string, port: number): readonly CompiledRoute[] | undefined {
    const owner = this.#ownerOf(host);
    return owner?.spec?.http && compileRoutes(owner, { ...this.#client, gateways: ['mesh'], port });
  }

  /** A VirtualService for the very host comes before one for a wildcard; the longest wildcard before others. */
  #ownerOf(host: string): VirtualService | undefined {
    let longest = 0;
    let best: VirtualService | undefined;
    for (const owner of this.#snapshot.virtualServices.filter(isForMesh)) {
      const namespace = owner.metadata.namespace ?? 'default';
      const patterns = (owner.spec?.hosts ?? []).map((written) => fullHost(written, namespace));
      if (patterns.includes(host)) return owner;
      const length = Math.max(
        0,
        ...patterns.filter((pattern) => covers(pattern, host)).map((pattern) => pattern.length),
      );
      if (length > longest) {
        longest = length;
        best = owner;
      }
    }
    return best;
  }
}

function isForMesh({ spec }: VirtualService): boolean {
  const gateways = spec?.gateways ?? [];
  return gateways.length === 0 || gateways.includes('mesh');
}

const REMEMBERED_TARGETS = 1_000;
