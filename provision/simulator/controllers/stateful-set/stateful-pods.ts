import type { ControllerRevision, PodTemplate, StatefulSet } from '../../kinds/types/apps.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { ORDINALS_LIMIT } from '../limits.ts';
import { REVISION_HASH, templateOf } from '../revisions.ts';

/** The ordinals a StatefulSet wants, lowest first, as far as a cluster could have pods for them. */
export function ordinalsOf({ spec }: StatefulSet): readonly number[] {
  const start = spec.ordinals?.start ?? 0;
  return Array.from(
    { length: Math.min(spec.replicas, ORDINALS_LIMIT) },
    (_, index) => start + index,
  );
}

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The ordinal in a pod's name; -1 when it has none. */
export function ordinalOf({ metadata }: StatefulSet, pod: Pod): number {
  const prefix = `${metadata.name}-`;
  const rest = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^[0-9]+$/.test(rest) ? Number(rest) : -1;
}

export function claimName({ metadata }: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${metadata.name}-${ordinal}`;
}

/** The revisions a set is between. */
export interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

/** The revision that the pod of an ordinal is made from: below the partition, or while a rollout has not come to it, the current one. */
export function revisionFor(
  set: StatefulSet,
  revisions: Revisions,
  ordinal: number,
): ControllerRevision {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return revisions.update;
  const start = set.spec.ordinals?.start ?? 0;
  const partition = rollingUpdate?.partition;
  const kept = partition ?? set.status?.currentReplicas ?? 0;
  return ordinal < start + kept ? revisions.current : revisions.update;
}

export function isOfRevision(pod: Pod, { metadata }: ControllerRevision): boolean {
  return pod.metadata.labels?.[REVISION_HASH] === metadata.name;
}

/** The template of one pod: a stable host name, and its claims in place of the volumes of the same names. */
export function templateFor(
  set: StatefulSet,
  revision: ControllerRevision,
  ordinal: number,
): PodTemplate {
  const template = templateOf(revision) ?? set.spec.template;
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  const volumes = [...others, ...claims];
  const { serviceName = '' } = set.spec;
  return {
    ...template,
    spec: {
      ...template.spec,
      ...(volumes.length > 0 && { volumes }),
      hostname: podName(set, ordinal),
      ...(serviceName !== '' && { subdomain: serviceName }),
    },
  };
}
