import type { ClusterClient } from '../client/client.ts';
import { namespaces, networkPolicies, pods } from '../kinds/resources.ts';
import { matchesSelector } from '../kinds/selectors/labels.ts';
import type { Pod } from '../kinds/types/core.ts';
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../kinds/types/network.ts';
import { isInCidr } from './cidr.ts';

/** One end of a connection: a pod, or only an address (nodes, the API server, what is outside). */
export interface Party {
  readonly ip: string;
  readonly namespace?: string;
  readonly podName?: string;
}

/** What somebody wants to open. */
export interface Connection {
  readonly from: Party;
  readonly to: Party;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/**
 * NetworkPolicies in force (Kubernetes documentation, "Network Policies"), as a network plugin knows them. Costs nothing
 * while there is none; else each new connection is judged by the labels that pods and namespaces have at that moment.
 */
export class PolicyTable implements Disposable {
  readonly #client: ClusterClient;
  readonly #watch: Disposable;
  /** By namespace, then name. */
  readonly #policies = new Map<string, Map<string, NetworkPolicy>>();

  constructor(client: ClusterClient) {
    this.#client = client;
    this.#watch = client.watch(networkPolicies, ({ type, object }) => {
      const { name, namespace = '' } = object.metadata;
      const own = this.#policies.get(namespace) ?? new Map<string, NetworkPolicy>();
      if (type === 'DELETED') own.delete(name);
      else own.set(name, object);
      if (own.size > 0) this.#policies.set(namespace, own);
      else this.#policies.delete(namespace);
    });
  }

  /** Whether no pod is isolated. */
  get isEmpty(): boolean {
    return this.#policies.size === 0;
  }

  allows(connection: Connection): boolean {
    if (this.isEmpty) return true;
    const { from, to } = connection;
    // A pod always reaches itself, and its node always reaches it: kubelets must probe.
    if (from.ip === to.ip || from.podName === undefined) return true;
    return this.#allowsOne('Egress', connection) && this.#allowsOne('Ingress', connection);
  }

  #allowsOne(direction: 'Ingress' | 'Egress', connection: Connection): boolean {
    const { from, to } = connection;
    const [own, other] = direction === 'Egress' ? [from, to] : [to, from];
    const pod = this.#podOf(own);
    if (!pod) return true;
    const policies = [...(this.#policies.get(own.namespace ?? '')?.values() ?? [])].filter(
      (policy) =>
        isAbout(policy, direction) &&
        matchesSelector(policy.spec.podSelector ?? {}, pod.metadata.labels),
    );
    if (policies.length === 0) return true;
    const target = this.#podOf(to);
    return policies.some((policy) =>
      rulesOf(policy, direction).some(
        (rule) =>
          this.#isPeer(policy, peersOf(rule, direction), other) &&
          isPort(rule.ports ?? [], connection, target),
      ),
    );
  }

  #isPeer(policy: NetworkPolicy, peers: readonly PolicyPeer[], party: Party): boolean {
    if (peers.length === 0) return true;
    return peers.some((peer) => {
      if (peer.ipBlock) return isInBlock(peer.ipBlock, party.ip);
      const pod = this.#podOf(party);
      if (!pod) return false;
      const { podSelector, namespaceSelector } = peer;
      const isPod = !podSelector || matchesSelector(podSelector, pod.metadata.labels);
      if (!namespaceSelector) return isPod && party.namespace === policy.metadata.namespace;
      const namespace = this.#client.get(namespaces, party.namespace ?? '');
      return isPod && matchesSelector(namespaceSelector, namespace?.metadata.labels);
    });
  }

  #podOf({ podName, namespace }: Party): Pod | undefined {
    return podName === undefined ? undefined : this.#client.get(pods, podName, namespace);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

/** A policy is about incoming traffic unless it says otherwise, and about outgoing when it has rules for it. */
function isAbout({ spec }: NetworkPolicy, direction: 'Ingress' | 'Egress'): boolean {
  const implied = spec.egress ? ['Ingress', 'Egress'] : ['Ingress'];
  return (spec.policyTypes ?? implied).includes(direction);
}

function rulesOf({ spec }: NetworkPolicy, direction: 'Ingress' | 'Egress'): readonly PolicyRule[] {
  return (direction === 'Ingress' ? spec.ingress : spec.egress) ?? [];
}

function peersOf(rule: PolicyRule, direction: 'Ingress' | 'Egress'): readonly PolicyPeer[] {
  return (direction === 'Ingress' ? rule.from : rule.to) ?? [];
}

function isInBlock({ cidr, except = [] }: NonNullable<PolicyPeer['ipBlock']>, ip: string) {
  return isInCidr(ip, cidr) && !except.some((one) => isInCidr(ip, one));
}

/** Names of ports are those of the pod that is called, whichever side the policy is on. */
function isPort(
  ports: readonly PolicyPort[],
  { port, protocol }: Connection,
  target: Pod | undefined,
): boolean {
  if (ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? 'TCP') !== protocol) return false;
    if (one.port === undefined) return true;
    if (typeof one.port === 'number') return port >= one.port && port <= (one.endPort ?? one.port);
    return (target?.spec.containers ?? [])
      .flatMap(({ ports: own = [] }) => own)
      .some(
        ({ name, containerPort, protocol: spoken = 'TCP' }) =>
          name === one.port && containerPort === port && spoken === protocol,
      );
  });
}
