import type { Node, Pod, PodSpec } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';
/** What keeps a pod off a node: upstream's filter plugins, in their order. */
import { matchesNode, untoleratedTaint } from '../node-fit.ts';
import { interPodFilter } from './inter-pod.ts';
import { type Rejection, unresolvable, unschedulable } from './rejection.ts';
import { requestsOf } from './requests.ts';
import type { NodeState, Snapshot } from './snapshot.ts';
import { spreadFilter } from './spread.ts';
import { volumeFilter } from './volumes.ts';

type Filter = (state: NodeState) => Rejection | undefined;

/** The filter of one pod: the first plugin that objects has the word. */
export function filterFor(pod: Pod, snapshot: Snapshot): Filter {
  const { spec } = pod;
  const volumes = volumeFilter(pod, snapshot);
  const spread = spreadFilter(pod, snapshot);
  const interPod = interPodFilter(pod, snapshot);
  return (state) => {
    const { node } = state;
    return (
      cordon(spec, node) ??
      taints(spec, node) ??
      nodeAffinity(spec, node) ??
      hostPorts(spec, state) ??
      resources(spec, state) ??
      volumes(node) ??
      spread(node) ??
      interPod(node)
    );
  };
}

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function cordon({ tolerations }: PodSpec, node: Node): Rejection | undefined {
  if (node.spec.unschedulable !== true) return undefined;
  const isBorne = !untoleratedTaint({ ...node, spec: { taints: [CORDON] } }, tolerations);
  return isBorne ? undefined : unresolvable('node(s) were unschedulable');
}

function taints({ tolerations }: PodSpec, node: Node): Rejection | undefined {
  const taint = untoleratedTaint(node, tolerations);
  return (
    taint && unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`)
  );
}

function nodeAffinity(spec: PodSpec, node: Node): Rejection | undefined {
  if (matchesNode(spec, node)) return undefined;
  return unresolvable("node(s) didn't match Pod's node affinity/selector");
}

function hostPorts(spec: PodSpec, { pods }: NodeState): Rejection | undefined {
  const wanted = portsOf(spec);
  if (wanted.length === 0) return undefined;
  const taken = pods.flatMap((pod) => portsOf(pod.spec));
  const isTaken = wanted.some((port) => taken.some((other) => isConflict(port, other)));
  return isTaken
    ? unschedulable("node(s) didn't have free ports for the requested pod ports")
    : undefined;
}

const ANY_ADDRESS = '0.0.0.0';

interface HostPort {
  readonly protocol: string;
  readonly port: number;
  readonly ip: string;
}

function portsOf({ containers, initContainers = [] }: PodSpec): readonly HostPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, hostIP, protocol = 'TCP' }) =>
      hostPort > 0 ? [{ port: hostPort, protocol, ip: hostIP || ANY_ADDRESS }] : [],
    ),
  );
}

function isConflict(a: HostPort, b: HostPort): boolean {
  const isSameIp = a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS;
  return a.port === b.port && a.protocol === b.protocol && isSameIp;
}

/** Resources that are too scarce; each is told, as by upstream's NodeResourcesFit. */
function resources(spec: PodSpec, { node, pods }: NodeState): Rejection | undefined {
  const { allocatable = {} } = node.status;
  const tooMany = pods.length + 1 > quantityValue(allocatable['pods'] ?? '110');
  const scarce = [...requestsOf(spec)].flatMap(([resource, amount]) => {
    if (amount <= 0) return [];
    const whole = quantityValue(allocatable[resource] ?? '0');
    const used = pods.reduce((sum, pod) => sum + (requestsOf(pod.spec).get(resource) ?? 0), 0);
    return used + amount > whole + EPSILON ? [{ resource, isTooBig: amount > whole }] : [];
  });
  const reasons = [
    ...(tooMany ? ['Too many pods'] : []),
    ...scarce.map(({ resource }) => `Insufficient ${resource}`),
  ];
  if (reasons.length === 0) return undefined;
  const isHopeless = scarce.some(({ isTooBig }) => isTooBig);
  return isHopeless ? unresolvable(...reasons) : unschedulable(...reasons);
}

/** Sums of decimal fractions are not exact. */
const EPSILON = 1e-9;
