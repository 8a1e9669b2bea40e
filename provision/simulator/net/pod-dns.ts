import type { DnsAnswer, DnsType } from './dns.ts';
import { REMEMBERED_HOSTS } from './limits.ts';

/** A pod's resolver settings: what stands in its /etc/resolv.conf and /etc/hosts. */
export interface ResolverSettings {
  /** Address of each name server; names of the cluster are known to the cluster's own only. */
  readonly servers: readonly string[];
  /** Domains that short names are looked up in, in order. */
  readonly search: readonly string[];
  /** Names with fewer dots are searched for before they are tried as they are. */
  readonly ndots: number;
  /** Addresses of names from /etc/hosts (`hostAliases`). */
  readonly hosts?: ReadonlyMap<string, string>;
}

/** The address of Service kube-dns: what pods' resolv.conf names, as the kubelet's clusterDNS setting does. */
export const CLUSTER_DNS_IP = '10.96.0.10';
const CLUSTER_DOMAIN = 'cluster.local';
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** What a kubelet gives pods with dnsPolicy ClusterFirst. */
export function clusterFirst(namespace: string): ResolverSettings {
  return {
    servers: [CLUSTER_DNS_IP],
    search: [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN],
    ndots: 5,
  };
}

/** Answers of one name server. */
type Ask = (name: string, type: DnsType) => DnsAnswer;

/** What a resolver asks. */
export interface NameServer {
  readonly ask: Ask;
  readonly isReachable: () => boolean;
  /** Counts changes of what it knows; without it nothing is remembered. */
  readonly revision?: () => number;
}

/** A pod's resolver, as resolv.conf(5) has it. */
export class PodDns {
  readonly settings: ResolverSettings;
  readonly #ask: Ask;
  readonly #isReachable: () => boolean;
  readonly #revision: (() => number) | undefined;
  /** Addresses of hosts that were asked for since the last change. */
  readonly #known = new Map<string, readonly string[]>();
  #knownAt = -1;

  constructor(settings: ResolverSettings, server: NameServer) {
    this.settings = settings;
    this.#ask = server.ask;
    this.#isReachable = server.isReachable;
    this.#revision = server.revision;
  }

  /** Whether a name server answers: none does when a NetworkPolicy is in the way. */
  get isReachable(): boolean {
    return this.#isReachable();
  }

  /** What the name server says of a name that is complete. */
  query(name: string, type: DnsType): DnsAnswer {
    // The simulator has no other name server with something to tell.
    if (!this.settings.servers.includes(CLUSTER_DNS_IP)) return { code: 'NXDOMAIN', records: [] };
    return this.#ask(name, type);
  }

  /** The names that are asked for one after the other until one exists. */
  candidates(name: string): readonly string[] {
    if (name.endsWith('.')) return [name.slice(0, -1)];
    const searched = this.settings.search.map((domain) => `${name}.${domain}`);
    const dots = name.split('.').length - 1;
    return dots >= this.settings.ndots ? [name, ...searched] : [...searched, name];
  }

  /** The first candidate that has records of the type, else the last answer. */
  search(name: string, type: DnsType): DnsAnswer & { readonly name: string } {
    const candidates = this.candidates(name);
    for (const candidate of candidates) {
      const answer = this.query(candidate, type);
      if (answer.records.length > 0) return { ...answer, name: candidate };
    }
    return { ...this.query(name, type), name: name.replace(/\.$/, '') };
  }

  /** Addresses of a host as programs see it (getaddrinfo): an address itself, /etc/hosts, DNS; empty when there is none. */
  addresses(host: string): readonly string[] {
    const revision = this.#revision?.();
    if (revision === undefined) return this.#find(host);
    if (revision !== this.#knownAt || this.#known.size >= REMEMBERED_HOSTS) this.#known.clear();
    this.#knownAt = revision;
    const known = this.#known.get(host);
    if (known) return known;
    const found = this.#find(host);
    this.#known.set(host, found);
    return found;
  }

  #find(host: string): readonly string[] {
    if (IPV4.test(host)) return [host];
    if (host.replace(/\.$/, '') === 'localhost') return ['127.0.0.1'];
    const known = this.settings.hosts?.get(host.toLowerCase());
    if (known !== undefined) return [known];
    return this.search(host, 'A')
      .records.filter(({ type }) => type === 'A')
      .map(({ data }) => data);
  }

  /** Whether the host can be found without a name server. */
  isLocal(host: string): boolean {
    return (
      IPV4.test(host) ||
      host.replace(/\.$/, '') === 'localhost' ||
      this.settings.hosts?.has(host.toLowerCase()) === true
    );
  }
}
