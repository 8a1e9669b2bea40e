import { matchesLabels } from '../../kinds/selectors/labels.ts';
import type { PortTrafficPolicy, TrafficPolicy } from '../istio/types.ts';
import {
  covers,
  type Endpoint,
  type HostRule,
  type MeshPort,
  type MeshService,
  type MeshSnapshot,
} from '../pilot/snapshot.ts';

/** Envoy's cluster: the pods behind one port of a service, or of a subset of it, and how they are used. */
export interface Cluster {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local` */
  readonly name: string;
  /** Full host name of the service. */
  readonly host: string;
  readonly endpoints: readonly Endpoint[];
  readonly policy: PortTrafficPolicy;
}

/** Made once for all proxies: what a cluster holds does not depend on who asks. */
const clustersOfSnapshot = new WeakMap<MeshSnapshot, Map<string, Cluster | undefined>>();

/** The cluster of a service's port; undefined when no DestinationRule declares the subset. */
export function clusterOf(
  snapshot: MeshSnapshot,
  service: MeshService,
  port: MeshPort,
  subset: string | undefined,
): Cluster | undefined {
  let clusters = clustersOfSnapshot.get(snapshot);
  if (!clusters) {
    clusters = new Map();
    clustersOfSnapshot.set(snapshot, clusters);
  }
  const name = `outbound|${port.port.port}|${subset ?? ''}|${service.host}`;
  if (!clusters.has(name))
    clusters.set(name, makeCluster(name, snapshot, service, { port, subset }));
  return clusters.get(name);
}

function makeCluster(
  name: string,
  snapshot: MeshSnapshot,
  { host }: MeshService,
  { port, subset }: { readonly port: MeshPort; readonly subset: string | undefined },
): Cluster | undefined {
  const rule = ruleFor(snapshot, host);
  const chosen = subset === undefined ? undefined : rule?.subsets.get(subset);
  if (subset !== undefined && !chosen) return undefined;
  const number = port.port.port;
  const policy = { ...policyOn(number, rule?.policy), ...policyOn(number, chosen?.policy) };
  const endpoints = port.endpoints.filter(({ labels }) => matchesLabels(chosen?.labels, labels));
  return { name, host, endpoints, policy };
}

/** The rule of the host itself, else of the longest wildcard that covers it (`*.local`). */
function ruleFor(snapshot: MeshSnapshot, host: string): HostRule | undefined {
  const exact = snapshot.rules.get(host);
  if (exact) return exact;
  let best: { readonly length: number; readonly rule: HostRule } | undefined;
  for (const [pattern, rule] of snapshot.rules) {
    if (covers(pattern, host) && pattern.length > (best?.length ?? 0))
      best = { length: pattern.length, rule };
  }
  return best?.rule;
}

/** Settings of a port replace all others (Istio: portLevelSettings do not inherit). */
function policyOn(port: number, policy: TrafficPolicy = {}): PortTrafficPolicy {
  const { portLevelSettings = [], ...general } = policy;
  return portLevelSettings.find((settings) => settings.port?.number === port) ?? general;
}
