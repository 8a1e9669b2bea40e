import type { Deployment, ReplicaSet } from '../../kinds/types/apps.ts';
import {
  allSets,
  compareAge,
  DESIRED,
  fenceposts,
  MAXIMUM,
  maximumReplicas,
  type Scaling,
  type Sets,
  specReplicas,
  statusReplicas,
} from './replica-sets.ts';

/** Replicas that the set of the present template may have now, next to those of `others`. */
export function currentReplicas(
  deployment: Deployment,
  current: number,
  others: readonly ReplicaSet[],
): number {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === 'Recreate' || current > replicas) return replicas;
  const room = maximumReplicas(deployment) - specReplicas(others) - current;
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

/** The next move of a rolling update (upstream: rolling.go); nothing when there is nothing to do or room to wait for. */
export function rollingUpdateStep(deployment: Deployment, sets: Sets): readonly Scaling[] {
  const { current, old } = sets;
  if (current) {
    const replicas = currentReplicas(deployment, current.spec.replicas, old);
    if (replicas !== current.spec.replicas) return [{ set: current, replicas }];
  }
  return scaleOldDown(deployment, sets);
}

function scaleOldDown(deployment: Deployment, { current, old }: Sets): readonly Scaling[] {
  const active = old.filter(({ spec }) => spec.replicas > 0).toSorted(compareAge);
  if (active.length === 0) return [];
  const all = allSets({ current, old });
  const minAvailable = deployment.spec.replicas - fenceposts(deployment).unavailable;
  const currentUnavailable = current
    ? current.spec.replicas - (current.status.availableReplicas ?? 0)
    : 0;
  const maxScaledDown = specReplicas(all) - minAvailable - currentUnavailable;
  if (maxScaledDown <= 0) return [];
  const wanted = new Map(active.map((set) => [set, set.spec.replicas]));
  // Pods that are not available anyway go first; losing them loses nothing.
  let broken = maxScaledDown;
  for (const set of active) {
    const unavailable = set.spec.replicas - (set.status.availableReplicas ?? 0);
    const down = Math.max(0, Math.min(broken, unavailable));
    broken -= down;
    wanted.set(set, set.spec.replicas - down);
  }
  let spare = statusReplicas(all, 'availableReplicas') - minAvailable;
  for (const set of active) {
    const left = wanted.get(set) ?? 0;
    const down = Math.max(0, Math.min(spare, left));
    spare -= down;
    wanted.set(set, left - down);
  }
  return active
    .map((set) => ({ set, replicas: wanted.get(set) ?? 0 }))
    .filter(({ set, replicas }) => replicas !== set.spec.replicas);
}

/** Whether the wanted number has changed since the sets were last scaled: then they share the difference. */
export function isScalingEvent({ spec }: Deployment, sets: Sets): boolean {
  return allSets(sets).some(({ spec: { replicas }, metadata }) => {
    const desired = metadata.annotations?.[DESIRED];
    return replicas > 0 && desired !== undefined && Number(desired) !== spec.replicas;
  });
}

/** How the sets share a change of the wanted number, while a rollout may be under way (upstream: sync.go, scale). */
export function scalingStep(deployment: Deployment, sets: Sets): readonly Scaling[] {
  const { replicas } = deployment.spec;
  const { current, old } = sets;
  const active = allSets(sets).filter(({ spec }) => spec.replicas > 0);
  const only = active.length > 1 ? undefined : (active[0] ?? current ?? old.at(-1));
  if (only) return [{ set: only, replicas }];
  if (current && isSaturated(deployment, current)) {
    return old.filter(({ spec }) => spec.replicas > 0).map((set) => ({ set, replicas: 0 }));
  }
  return deployment.spec.strategy.type === 'RollingUpdate' ? proportional(deployment, active) : [];
}

/** Whether the set has all replicas that are wanted, and all are available. */
function isSaturated({ spec }: Deployment, { spec: own, metadata, status }: ReplicaSet): boolean {
  return (
    own.replicas === spec.replicas &&
    Number(metadata.annotations?.[DESIRED]) === spec.replicas &&
    status.availableReplicas === spec.replicas
  );
}

function proportional(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scaling[] {
  const allowed = deployment.spec.replicas > 0 ? maximumReplicas(deployment) : 0;
  const toAdd = allowed - specReplicas(active);
  // The bigger set gets its share first; among equals the newer grows and the older shrinks.
  const byAge =
    toAdd > 0 ? active.toSorted((a, b) => compareAge(b, a)) : active.toSorted(compareAge);
  const bySize = byAge.toSorted((a, b) => b.spec.replicas - a.spec.replicas);
  let added = 0;
  const sizes = bySize.map((set) => {
    const share = shareOf(deployment, set, toAdd - added);
    added += share;
    return { set, replicas: set.spec.replicas + share };
  });
  // What rounding leaves over goes to the first.
  return sizes.map(({ set, replicas }, index) => ({
    set,
    replicas: index === 0 ? Math.max(0, replicas + toAdd - added) : replicas,
  }));
}

function shareOf(deployment: Deployment, { spec, metadata }: ReplicaSet, left: number): number {
  if (spec.replicas === 0 || left === 0) return 0;
  if (deployment.spec.replicas === 0) return -spec.replicas;
  const before = Number(metadata.annotations?.[MAXIMUM]) || (deployment.status.replicas ?? 0) || 1;
  const fraction = Math.round((spec.replicas * maximumReplicas(deployment)) / before);
  const share = fraction - spec.replicas;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}
