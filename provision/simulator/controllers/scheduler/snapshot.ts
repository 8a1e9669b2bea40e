import type { ClusterClient } from '../../client/client.ts';
import type { Labels } from '../../kinds/object.ts';
import {
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../kinds/types/core.ts';
import type { StorageClass } from '../../kinds/types/policy.ts';
import { isFinished } from '../pods.ts';

/** A node and the pods on it that have not ended. */
export interface NodeState {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

/** Everything the scheduler decides by, as it is at one moment. */
export interface Snapshot {
  readonly nodes: readonly NodeState[];
  readonly namespaceLabels: (name: string) => Labels | undefined;
  readonly claim: (name: string, namespace: string) => PersistentVolumeClaim | undefined;
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly volumes: () => readonly PersistentVolume[];
  readonly storageClass: (name: string) => StorageClass | undefined;
  /** Whether a disruption budget allows no more of such pods to be sent away. */
  readonly isProtected: (pod: Pod) => boolean;
}

/** The cluster as it is now. */
export function takeSnapshot(client: ClusterClient): Snapshot {
  const byNode = new Map<string, Pod[]>();
  for (const pod of client.list(pods)) {
    const name = pod.spec.nodeName;
    if (name === undefined || name === '' || isFinished(pod)) continue;
    const own = byNode.get(name);
    if (own) own.push(pod);
    else byNode.set(name, [pod]);
  }
  return {
    nodes: client.list(nodes).map((node) => ({ node, pods: byNode.get(node.metadata.name) ?? [] })),
    namespaceLabels: (name) => client.get(namespaces, name)?.metadata.labels,
    claim: (name, namespace) => client.get(persistentVolumeClaims, name, namespace),
    volume: (name) => client.get(persistentVolumes, name),
    volumes: () => client.list(persistentVolumes),
    storageClass: (name) => client.get(storageClasses, name),
    isProtected: ({ metadata }) =>
      client
        .list(podDisruptionBudgets, { namespace: metadata.namespace ?? 'default' })
        .some(
          ({ spec, status }) =>
            (status?.disruptionsAllowed ?? 0) <= 0 &&
            matchesSelector(spec.selector, metadata.labels),
        ),
  };
}

/** The snapshot with other pods on one node. */
export function withPods(snapshot: Snapshot, name: string, own: readonly Pod[]): Snapshot {
  const changed = snapshot.nodes.map((state) =>
    state.node.metadata.name === name ? { ...state, pods: own } : state,
  );
  return { ...snapshot, nodes: changed };
}
