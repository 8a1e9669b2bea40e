import { isObject, stringAt } from '../../kinds/json.ts';
import type { Node, PersistentVolumeClaim, Pod } from '../../kinds/types/core.ts';
import { matchesNodeSelector } from '../node-fit.ts';
import { isTerminating } from '../pods.ts';
/** Volumes as the scheduler sees them (Kubernetes documentation, "Storage Classes": volume binding mode). */
import { SELECTED_NODE } from '../volumes/local-path.ts';
import { isAdmissibleVolume } from '../volumes/matching.ts';
import { type Rejection, unresolvable } from './rejection.ts';
import type { Snapshot } from './snapshot.ts';

/** The names of the claims a pod mounts, ephemeral ones included. */
function claimNames({ metadata, spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (isObject(persistentVolumeClaim)) return [stringAt(persistentVolumeClaim, 'claimName')];
    return isObject(ephemeral) ? [`${metadata.name}-${name}`] : [];
  });
}

/** Claims that wait for their first consumer to be put on a node. */
export function unboundClaims(pod: Pod, snapshot: Snapshot): readonly PersistentVolumeClaim[] {
  return claimNames(pod).flatMap((name) => {
    const claim = snapshot.claim(name, pod.metadata.namespace ?? 'default');
    return claim && claim.status?.phase !== 'Bound' ? [claim] : [];
  });
}

/** What keeps the pod from any node at all. */
export function volumeObstacle(pod: Pod, snapshot: Snapshot): string | undefined {
  for (const name of claimNames(pod)) {
    const claim = snapshot.claim(name, pod.metadata.namespace ?? 'default');
    const obstacle = claim
      ? claimObstacle(claim, snapshot)
      : `persistentvolumeclaim "${name}" not found`;
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

function claimObstacle(claim: PersistentVolumeClaim, snapshot: Snapshot): string | undefined {
  const { name } = claim.metadata;
  if (isTerminating(claim)) return `persistentvolumeclaim "${name}" is being deleted`;
  if (claim.status?.phase === 'Lost') {
    const volume = claim.spec.volumeName ?? '';
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volume}"`;
  }
  if (claim.status?.phase === 'Bound' || isDelayed(claim, snapshot)) return undefined;
  return 'pod has unbound immediate PersistentVolumeClaims';
}

function isDelayed({ metadata, spec }: PersistentVolumeClaim, snapshot: Snapshot): boolean {
  const storageClass = snapshot.storageClass(spec.storageClassName ?? '');
  if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') return false;
  // With a node chosen it is on its way to be bound, and the pod waits for that without a word.
  return !spec.volumeName || metadata.annotations?.[SELECTED_NODE] !== undefined;
}

/** The filter of what volumes say about nodes. */
export function volumeFilter(pod: Pod, snapshot: Snapshot): (node: Node) => Rejection | undefined {
  const namespace = pod.metadata.namespace ?? 'default';
  const claims = claimNames(pod).flatMap((name) => snapshot.claim(name, namespace) ?? []);
  if (claims.length === 0) return () => undefined;
  return (node) => {
    const isReachable = claims.every((claim) => isReachableFrom(claim, node, snapshot));
    if (!isReachable) return unresolvable("node(s) didn't match PersistentVolume's node affinity");
    const canBind = claims.every((claim) => isBindableOn(claim, node, snapshot));
    if (canBind) return undefined;
    return unresolvable("node(s) didn't find available persistent volumes to bind");
  };
}

function isReachableFrom({ spec }: PersistentVolumeClaim, node: Node, snapshot: Snapshot): boolean {
  const volume = spec.volumeName ? snapshot.volume(spec.volumeName) : undefined;
  const required = volume?.spec.nodeAffinity?.required;
  return !required || matchesNodeSelector(required.nodeSelectorTerms, node);
}

/** Whether an unbound claim can have a volume on the node: a new one, or one that waits there. */
function isBindableOn(claim: PersistentVolumeClaim, node: Node, snapshot: Snapshot): boolean {
  if (claim.status?.phase === 'Bound') return true;
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (selected !== undefined) return selected === node.metadata.name;
  const storageClass = snapshot.storageClass(claim.spec.storageClassName ?? '');
  const canProvision = storageClass?.provisioner !== 'kubernetes.io/no-provisioner';
  if (canProvision && !claim.spec.selector) return true;
  return snapshot.volumes().some((volume) => {
    const required = volume.spec.nodeAffinity?.required;
    const isHere = !required || matchesNodeSelector(required.nodeSelectorTerms, node);
    return isHere && isAdmissibleVolume(volume, claim);
  });
}
