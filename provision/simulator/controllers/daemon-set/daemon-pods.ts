import type { DaemonSet, PodTemplate } from '../../kinds/types/apps.ts';
import type { Node, NodeSelectorTerm, Pod, Toleration } from '../../kinds/types/core.ts';
import { matchesNode, untoleratedTaint } from '../node-fit.ts';

/** What daemons bear beyond their template (Kubernetes documentation, "DaemonSet": taints and tolerations). */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Whether the node is to have a daemon, and whether one that is there may stay. */
export function verdictOn(
  set: DaemonSet,
  node: Node,
): { readonly isWanted: boolean; readonly mayStay: boolean } {
  const { spec } = set.spec.template;
  const tolerations = tolerationsOf(spec);
  const isFit = matchesNode(spec, node);
  return {
    isWanted: isFit && !untoleratedTaint(node, tolerations),
    mayStay: isFit && !untoleratedTaint(node, tolerations, ['NoExecute']),
  };
}

/** The spec of the daemon for one node: the scheduler is told by affinity which node that is. */
export function daemonSpec(spec: PodTemplate['spec'], nodeName: string): PodTemplate['spec'] {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matchFields = [{ key: NAME_FIELD, operator: 'In' as const, values: [nodeName] }];
  const terms: readonly NodeSelectorTerm[] = required?.nodeSelectorTerms ?? [{}];
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields })),
        },
      },
    },
    tolerations: tolerationsOf(spec),
  };
}

/** The node a daemon is on or meant for. */
export function nodeOfDaemon({ spec }: Pod): string {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = required?.nodeSelectorTerms.flatMap(({ matchFields = [] }) => matchFields);
  return fields?.find(({ key }) => key === NAME_FIELD)?.values?.[0] ?? '';
}

const NAME_FIELD = 'metadata.name';

function tolerationsOf({
  tolerations = [],
  hostNetwork,
}: PodTemplate['spec']): readonly Toleration[] {
  const added = hostNetwork === true ? [...TOLERATIONS, HOST_NETWORK] : TOLERATIONS;
  const isOwn = ({ key, effect }: Toleration) =>
    tolerations.some(
      (one) => one.key === key && one.effect === effect && one.operator === 'Exists',
    );
  return [...tolerations, ...added.filter((toleration) => !isOwn(toleration))];
}
