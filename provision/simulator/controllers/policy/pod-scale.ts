import type { ClusterClient } from '../../client/client.ts';
import type { OwnerReference } from '../../kinds/object.ts';
import {
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { namespaceOf } from '../controller.ts';
import { controllerOf } from '../owners.ts';

/** Nobody says how many of the pods there should be; the message is upstream's. */
export class UnknownScale extends Error {}

/**
 * Replicas that the controllers of the pods want, each controller counted once (Kubernetes documentation, "Arbitrary
 * workloads and arbitrary selectors": only workloads with a scale can be counted so).
 */
export function scaleOfPods(client: ClusterClient, covered: readonly Pod[]): number | UnknownScale {
  const scales = new Map<string, number>();
  for (const pod of covered) {
    const controller = controllerOf(pod);
    if (!controller) {
      return new UnknownScale(`found no controller ref for pod "${pod.metadata.name}"`);
    }
    const { uid, scale } = scaleOf(client, controller, namespaceOf(pod)) ?? {};
    if (uid === undefined || scale === undefined) {
      const { kind, name } = controller;
      return new UnknownScale(
        kind === 'DaemonSet' || kind === 'Job'
          ? `${kind === 'Job' ? 'jobs.batch' : 'daemonsets.apps'} does not implement the scale subresource`
          : `found no controllers for pod "${pod.metadata.name}": ${kind} "${name}" not found`,
      );
    }
    scales.set(uid, scale);
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}

interface ControllerScale {
  /** Of the workload that is counted: the Deployment, for the pods of its ReplicaSets. */
  readonly uid: string;
  readonly scale: number;
}

function scaleOf(
  client: ClusterClient,
  { kind, name }: OwnerReference,
  namespace: string,
): ControllerScale | undefined {
  if (kind === 'StatefulSet') return ofSet(client.get(statefulSets, name, namespace));
  if (kind === 'ReplicationController') {
    return ofSet(client.get(replicationControllers, name, namespace));
  }
  const set = kind === 'ReplicaSet' ? client.get(replicaSets, name, namespace) : undefined;
  const owner = set && controllerOf(set);
  if (owner?.kind !== 'Deployment') return ofSet(set);
  return ofSet(client.get(deployments, owner.name, namespace));
}

function ofSet(
  set:
    | { readonly metadata: { readonly uid: string }; readonly spec: { readonly replicas?: number } }
    | undefined,
): ControllerScale | undefined {
  return set && { uid: set.metadata.uid, scale: set.spec.replicas ?? 1 };
}
